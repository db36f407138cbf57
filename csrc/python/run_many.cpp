// Many steps in one call, on batches of the caller's arrays.

#include <chrono>
#include <string>

#include "core/gate.h"
#include "python/execute.h"

namespace cornu {
namespace {

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

// What a thread needs to gather a part of a batch.
struct Gathering {
  const Rows* rows;
  const std::int64_t* order;
};

void gather_part(const void* work, std::int64_t begin, std::int64_t end, char*) {
  const Gathering& g = *static_cast<const Gathering*>(work);
  g.rows->gather(g.order, begin, end);
}

// The rows of one array, described by (external, source, bytes of a row, kind).
Rows rows_of(const External& external, const View& source, std::int64_t row_bytes,
             const RowKind& kind, std::int64_t batch) {
  Rows rows;
  rows.kind = &kind;
  rows.source = source.data();
  rows.source_bytes = row_bytes;
  require(row_bytes >= 0 && row_bytes <= max_elements, "A row's size is out of range.");
  require(row_bytes == 0 || source.bytes() % row_bytes == 0,
          "A source of batches doesn't have a whole number of rows.");
  rows.count = row_bytes == 0 ? max_elements : source.bytes() / row_bytes;
  rows.target_bytes = row_bytes;
  if (kind.convert != nullptr) {
    const std::int64_t size = static_cast<std::int64_t>(size_of(kind.from));
    require(row_bytes % size == 0, "A row doesn't have a whole number of elements.");
    require(external.dtype == kind.to, "A batch isn't converted to its external's dtype.");
    require(reinterpret_cast<std::uintptr_t>(source.data()) % size_of(kind.from) == 0,
            "A source of batches isn't aligned to its elements.");
    rows.elements = row_bytes / size;
    rows.target_bytes = rows.elements * static_cast<std::int64_t>(size_of(kind.to));
  }
  require(rows.target_bytes == 0 ? external.bytes == 0
                                 : external.bytes / rows.target_bytes == batch &&
                                       external.bytes % rows.target_bytes == 0,
          "A batch has another size than its external.");
  return rows;
}

}  // namespace

Batches Session::batches_of(PyObject* batches, PyObject* order, std::int64_t batch) const {
  Batches result;
  require(batch > 0, "A batch must have rows.");
  result.batch = batch;
  const Items items(batches, "batches");
  for (Py_ssize_t i = 0; i < items.size(); ++i) {
    long long number, row_bytes, kind;
    PyObject* source;
    if (!PyTuple_Check(items[i])) {
      PyErr_SetString(PyExc_TypeError, "`batches` must have tuples.");
      throw PythonError();
    }
    if (!PyArg_ParseTuple(items[i], "LOLL", &number, &source, &row_bytes, &kind)) {
      throw PythonError();
    }
    require(number >= 0 && number < static_cast<long long>(plan_->externals().size()),
            "A batch's external doesn't exist.");
    require(kind >= 0 && kind < static_cast<long long>(row_kinds().size()),
            "A batch's kind is unknown.");
    const std::size_t external = static_cast<std::size_t>(number);
    result.sources.emplace_back(source, false);
    result.externals.push_back(external);
    result.rows.push_back(rows_of(plan_->externals()[external], result.sources.back(), row_bytes,
                                  row_kinds()[static_cast<std::size_t>(kind)], batch));
  }
  result.order_view = View(order, false);
  result.order = reinterpret_cast<const std::int64_t*>(result.order_view.data());
  require(reinterpret_cast<std::uintptr_t>(result.order) % sizeof(std::int64_t) == 0 &&
              result.order_view.bytes() % static_cast<Py_ssize_t>(sizeof(std::int64_t)) == 0,
          "`order` must have 64-bit integers.");
  return result;
}

std::int64_t Session::run_many(PyObject* externals, PyObject* batches, PyObject* order,
                               std::int64_t batch, std::int64_t steps, std::int64_t first,
                               double budget, bool late) {
  Batches given = batches_of(batches, order, batch);
  const std::int64_t whole =
      given.order_view.bytes() / static_cast<std::int64_t>(sizeof(std::int64_t)) / batch;
  require(steps >= 0 && first >= 0 && first <= whole && steps <= whole - first,
          "`order` has fewer batches than steps.");
  std::vector<bool> left_out(plan_->externals().size());
  for (std::size_t external : given.externals) left_out[external] = true;
  const std::vector<View> views = views_of(externals, left_out);
  std::int64_t done = 0;
  execute(views, &done, [&] {
    staging_.resize(plan_->externals().size());
    for (std::size_t i = 0; i < given.rows.size(); ++i) {
      Memory& memory = staging_[given.externals[i]];
      if (memory == nullptr) {
        memory = zeroed(static_cast<std::size_t>(plan_->externals()[given.externals[i]].bytes));
      }
      given.rows[i].target = memory.get();
      plan_->place(frame_.get(), given.externals[i], memory.get());
    }
    take_steps(given, steps, first, budget, late, &done);
  });
  return done;
}

// Which step is the last must be known before it begins: the one that would end past the budget,
// if it takes as long as the one before.
void Session::take_steps(const Batches& batches, std::int64_t steps, std::int64_t first,
                         double budget, bool late, std::int64_t* done) {
  const Clock::time_point start = Clock::now();
  double passed = 0;
  while (*done < steps) {
    const bool last = *done == steps - 1 || passed + step_seconds_ > budget;
    stage(batches, first + *done);
    plan_->run(frame_.get(), *runner_, late && last);
    ++*done;
    const double now = seconds_since(start);
    step_seconds_ = now - passed;
    passed = now;
    if (last) break;
  }
}

void Session::stage(const Batches& batches, std::int64_t number) {
  const std::int64_t* order = batches.order + number * batches.batch;
  for (std::size_t i = 0; i < batches.rows.size(); ++i) {
    const Rows& rows = batches.rows[i];
    const External& external = plan_->externals()[batches.externals[i]];
    rows.check(order, batches.batch);
    if (rows.kind->convert == nullptr && !external.writable) {
      // Rows that follow each other are used where they are.
      const char* at = rows.source + order[0] * rows.source_bytes;
      const bool in_place = consecutive(order, batches.batch) &&
                            reinterpret_cast<std::uintptr_t>(at) % external.alignment == 0;
      char* from = in_place ? const_cast<char*>(at) : rows.target;
      plan_->place(frame_.get(), batches.externals[i], from);
      if (in_place) continue;
    }
    const Gathering work{&rows, order};
    const double bytes = static_cast<double>(rows.target_bytes + rows.source_bytes) *
                         static_cast<double>(batches.batch);
    runner_->run_units(batches.batch, tickets_for(estimated_seconds(0, bytes)), gather_part, &work);
  }
}

}  // namespace cornu
