#include "core/opcodes.h"

namespace cornu {

const std::vector<Opcode>& opcodes() {
  static const std::vector<Opcode> list = {
#define CORNU_LIST(name) {#name, make_##name},
      CORNU_KERNELS(CORNU_LIST)
#undef CORNU_LIST
  };
  return list;
}

const Opcode* find_opcode(std::int64_t number) {
  const std::vector<Opcode>& list = opcodes();
  const bool known = number >= 0 && number < static_cast<std::int64_t>(list.size());
  return known ? &list[static_cast<std::size_t>(number)] : nullptr;
}

}  // namespace cornu
