// conv_grad_kernel: x, g -> w. The reduced axis is the pixels: rows of the product are taps times
// channels, each a pointer into the image, and g is the panel, both read in place.
#include <algorithm>

#include "core/test_hooks.h"
#include "kernels/chunk_sums.h"
#include "kernels/conv.h"
#include "kernels/conv_depthwise.h"
#include "kernels/conv_pad.h"

namespace cornu {
namespace {

const double unit_flops = 4e6 * grain();
// So many pixels are multiplied between two visits of a sum.
constexpr std::int64_t pixels_at_once = 384;

template <typename T>
class KernelGradient final : public Kernel {
 public:
  explicit KernelGradient(const ConvShape& shape) : s_(shape), panels_(shape.f_in_group()) {
    const std::int64_t rows = s_.taps() * s_.c_in_group(), size = rows * s_.f;
    flops = s_.flops();
    bytes = double(sizeof(T)) * (double(s_.n) * double(s_.in_pixels() * s_.c) +
                                 double(s_.n) * double(s_.out_pixels() * s_.f) + double(size));
    // Small kernels: sums of their own for each part of the batch. Large ones: parts of the kernel,
    // each with the whole batch.
    const double activations = double(s_.n) * double(s_.in_pixels() * s_.c +
                                                     s_.out_pixels() * s_.f);
    std::int64_t chunks = std::clamp<std::int64_t>(std::int64_t(flops / unit_flops / 2), 1, 16);
    while (chunks > 1 && double(chunks) * double(size) > activations) chunks /= 2;
    sums_ = ChunkSums<T>(size, s_.n, chunks);
    const std::int64_t wanted =
        std::clamp<std::int64_t>(std::int64_t(flops / double(sums_.chunks()) / (4 * unit_flops)), 1,
                                 sums_.chunks() >= 8 ? 1 : 32);
    const std::int64_t columns = s_.groups * panels_.count();
    const std::int64_t parts = std::clamp<std::int64_t>((wanted + columns - 1) / columns, 1, rows);
    columns_ = Pieces(columns, (columns + wanted - 1) / wanted);
    rows_ = Pieces(rows, (rows + parts - 1) / parts);

    units_.images = std::clamp<std::int64_t>(pixels_at_once / s_.out_pixels(), 1, s_.n);
    units_.axis = s_.out[0] > 1 ? 0 : s_.out[1] > 1 ? 1 : 2;
    units_.rows = s_.out[units_.axis];
    layout_ = image_layout(s_, units_);
    for (std::int64_t image = 0; image < units_.images; ++image) {
      for (std::int64_t i = 0; i < s_.out[0]; ++i) {
        for (std::int64_t j = 0; j < s_.out[1]; ++j) {
          runs_.push_back(image * layout_.image +
                          layout_.at(i * s_.stride[0], j * s_.stride[1], 0));
        }
      }
    }
    each_tap(s_, layout_, [&](std::int64_t offset) {
      for (std::int64_t c = 0; c < s_.c_in_group(); ++c) row_offsets_.push_back(offset + c);
    });
    if (layout_.copied) scratch = std::size_t(units_.images * layout_.image) * sizeof(T);
    workspace = sums_.bytes();
    phases = {Phase{sums_.chunks() * columns_.count * rows_.count}, Phase{sums_.units()}};
  }

  void run(const Context& context, int phase, std::int64_t begin, std::int64_t end,
           char* scratch_bytes) const override {
    T* result = reinterpret_cast<T*>(context.operands[2]);
    T* partial = reinterpret_cast<T*>(context.workspace);
    if (phase == 1) {
      for (std::int64_t i = begin; i < end; ++i) sums_.add(partial, i, result);
      return;
    }
    for (std::int64_t i = begin; i < end; ++i) {
      const std::int64_t row = i % rows_.count, column = i / rows_.count % columns_.count;
      const std::int64_t chunk = i / rows_.count / columns_.count;
      const Part part{rows_.begin(row), rows_.begin(row + 1), columns_.begin(column),
                      columns_.begin(column + 1)};
      T* sums = sums_.of(partial, chunk, result);
      const std::int64_t last = sums_.begin(chunk + 1);
      bool first = true;
      for (std::int64_t image = sums_.begin(chunk); image < last; image += units_.images) {
        const std::int64_t images = std::min(units_.images, last - image);
        const T* x = reinterpret_cast<const T*>(context.operands[0]) +
                     image * s_.in_pixels() * s_.c;
        const T* g = reinterpret_cast<const T*>(context.operands[1]) +
                     image * s_.out_pixels() * s_.f;
        add(windows(x, images, reinterpret_cast<T*>(scratch_bytes)), g, images, part, !first, sums);
        first = false;
      }
    }
  }

 private:
  struct Part {
    std::int64_t top, bottom, left, right;  // rows, and panels of all groups
  };

  const T* windows(const T* x, std::int64_t images, T* copy) const {
    if (!layout_.copied) return x + layout_.start;
    const PaddedBox box = padded_box(s_, units_, 0, units_.rows);
    for (std::int64_t i = 0; i < images; ++i) {
      copy_padded(s_, layout_, box, x + i * s_.in_pixels() * s_.c, copy + i * layout_.image);
    }
    return copy;
  }

  void add(const T* x, const T* g, std::int64_t images, const Part& part, bool accumulate,
           T* sums) const {
    const T* rows[max_rows];
    T* results[max_rows];
    Tile<T> tile{};
    tile.a = rows;
    tile.c = results;
    tile.runs = runs_.data();
    tile.n_runs = images * s_.out[0] * s_.out[1];
    tile.length = s_.out[2];
    tile.step = s_.stride[2] * s_.c;
    tile.b_stride = s_.f;
    tile.accumulate = accumulate;
    for (std::int64_t q = part.left; q < part.right; ++q) {
      const std::int64_t group = q / panels_.count(), p = q % panels_.count();
      const int vectors = panels_.vectors(p);
      const std::int64_t column = group * s_.f_in_group() + panels_.begin(p);
      const T* channels = x + group * s_.c_in_group();
      tile.b = g + column;
      tile.last = panels_.last(p);
      const Pieces heights(part.bottom - part.top, rows_for(vectors));
      for (std::int64_t i = 0; i < heights.count; ++i) {
        const std::int64_t top = part.top + heights.begin(i);
        const int height = static_cast<int>(heights.begin(i + 1) - heights.begin(i));
        for (int r = 0; r < height; ++r) {
          rows[r] = channels + row_offsets_[std::size_t(top + r)];
          results[r] = sums + (top + r) * s_.f + column;
        }
        tile_function<T>(height, vectors, tile.last)(tile);
      }
    }
  }

  ConvShape s_;
  Panels<T> panels_;
  ChunkSums<T> sums_;
  Pieces rows_, columns_;
  ConvUnits units_;  // images multiplied at a time
  ImageLayout layout_;
  std::vector<std::int64_t> runs_, row_offsets_;
};

}  // namespace

std::unique_ptr<Kernel> make_conv_grad_kernel(const Description& d) {
  const ConvShape s = conv_shape(d, ConvRole::grad_kernel);
  if (s.empty() || s.pointwise()) return make_conv_as_product(d, s, ConvRole::grad_kernel);
  if (s.depthwise()) return make_depthwise_grad_kernel(s);
  if (s.dtype == Dtype::float32) return std::make_unique<KernelGradient<float>>(s);
  return std::make_unique<KernelGradient<double>>(s);
}

}  // namespace cornu
