// What the kernels are given, one struct a kernel, passed by value, and the sizes and codes that host and device must
// agree on. Included as code by arguments.hpp and as text by source-inl.hpp. Activations are NHWC; `channels` are
// stored ones, a multiple of 8, unless they are called logical.
// clang-format off
PIX2PIXHD_KERNEL_TEXT(

inline constexpr int threads_per_block = 256;
inline constexpr int values_per_block = 4096;  // that a block of a kernel over several arrays takes
inline constexpr int most_columns = 7;         // of a filter whose columns SumColumns sums
inline constexpr int most_column_channels = 32;
inline constexpr int rows_of_thread = 4;       // of Gather and Fold
inline constexpr int pixels_of_thread = 2;     // of Normalise and NormaliseBackward
inline constexpr int filter_room = 6144;       // floats in which PackFilter and UnpackFilter turn a chunk round
inline constexpr int filter_gap = 4;           // unused ones of them after each tap
inline constexpr int most_levels = 4;          // poolings of a map that ExpandPooledMap can undo
inline constexpr int pooled_tile_h = 4;        // output pixels and channels that a block of it takes
inline constexpr int pooled_tile_w = 32;
inline constexpr int pooled_channels = 40;
inline constexpr int map_tile_h = 16;          // output pixels that a block of MapSumsLookUp takes
inline constexpr int map_tile_w = 32;
inline constexpr int pooled_map_tile_h = 8;    // of PooledMapSumsLookUp, as wide
inline constexpr int largest_summed_kernel = 7;  // of MapSumsLookUp
inline constexpr int largest_summed_stride = 2;

// Pad, Activation and LossKind of the host, in the same order.
enum { pad_zero, pad_reflect, pad_replicate, pad_reflect_periodically };  // the last with period 2 (side - 1)
enum { activation_none, activation_relu, activation_leaky_relu, activation_tanh };
inline constexpr float leaky_slope = 0.2f;
enum { loss_squared, loss_cross_entropy, loss_hinge, loss_linear, loss_absolute };

// Values that are normalised and activated as they are read; without statistics taken as they are.
struct Source {
  const void* x;
  const float* statistics;  // rows mean, scale, shift, deviation of each picture
  int width;                // entries of a row of statistics
  int activation;
};

// How positions of a padded, enlarged picture map to pixels.
struct Border {
  int padding;
  int pad;
  int enlarge;
};

struct ImportTensorArguments { const float* x; void* y; int n; int logical; int pixels; int channels; };
struct ExportTensorArguments { const void* x; float* y; int n; int logical; int pixels; int channels; };
// Pictures in [-1, 1] as bytes, n, pixel, logical channel.
struct ExportPixelsArguments { const void* x; unsigned char* y; int n; int logical; int pixels; int channels; };
// Where ids differ from a neighbour's.
struct MarkEdgesArguments { const int* ids; unsigned char* edges; int n; int h; int w; };

// y[.., first + c] = x at the mapped position for c < count.
struct GatherArguments {
  Source x; void* y;
  int n; int in_h; int in_w; int in_channels;
  int out_h; int out_w; int out_channels;
  int first; int count;
  Border border;
  int threads;
};
// The adjoint: dx = sum of dy over the positions that map to a pixel.
struct FoldArguments {
  const void* dy; void* dx;
  int n; int h; int w; int channels;  // of dx
  int padded_h; int padded_w;
  Border border;
  int threads;
};
struct GatherBytesArguments { const unsigned char* x; unsigned char* y; int n; int in_h; int in_w; int out_h; int out_w; };

// partial[picture][chunk][channel] = {mean, sum of squared differences from it} of the chunk's pixels.
struct MomentsArguments { const void* x; float* partial; int pixels; int channels; int chunk; int chunks; int lanes; };
struct StatisticsArguments {
  const float* partial; float* statistics;
  int width; int n; int pixels; int channels; int logical; int chunk; int chunks;
  int batch; int use_running; int update_running;
  const float* scale; const float* shift; const float* bias;
  float* running_mean; float* running_variance;
  float epsilon; float momentum;
};
struct NormaliseArguments {
  Source x; Source skip;  // skip.x may be null
  const float* bias;      // added first, if there are no statistics; may be null
  void* y; int pixels; int channels; int logical;
  int threads;
};

// partial[picture][chunk][channel] = {sum g, sum g n}, see NormaliseBackward.
struct GradientMomentsArguments {
  const void* dy; Source z; float* partial;
  int pixels; int channels; int chunk; int chunks; int lanes;
};
struct GradientSumsArguments {
  const float* partial; float* means;  // means[picture][0 or 1][channel] of g and g n; may be null
  int n; int pixels; int channels; int logical; int chunks; int batch;
  float* scale; float* shift; int add_scale; int add_shift;
};
struct NormaliseBackwardArguments {
  const void* dy; Source z; const float* means;  // means null: constants
  void* dx; int pixels; int channels;
  int threads;
};

struct AddArguments { const void* a; const void* b; void* y; int groups; };
struct AddParametersArguments { const float* a; const float* b; float* y; int count; };
struct PoolArguments { const void* x; void* y; int n; int in_h; int in_w; int out_h; int out_w; int channels; int largest; };
struct PoolBackwardArguments {
  const void* dy; const void* x; void* dx;
  int in_h; int in_w; int out_h; int out_w; int channels; int largest;
  int threads;
};

// partial[picture][chunk][instance][channel], and the number of pixels after the last channel.
struct InstanceSumsArguments {
  const void* x; const int* indices; float* partial;
  int pixels; int channels; int chunk; int chunks; int instances;
};
struct InstanceMeansArguments { const float* partial; float* means; int n; int channels; int chunks; int instances; };
struct InstanceSpreadArguments { const float* means; const int* indices; void* y; int n; int pixels; int channels; int instances; };

// Packed filters are [out][row][column][in] with zeros up to the stored channels.
struct PackFilterArguments {  // of the weight's input channels `in` from `first` on
  const float* weight; void* packed;
  int out; int in; int taps; int first; int total_in; int in_channels;
  int chunk;  // channels of a block
};
struct UnpackFilterArguments {
  const void* packed; float* gradient;
  int in; int taps; int in_channels; int add;
  int chunk;
};

// Convolutions of few outputs by columns. packed[column * out + output][row][in], zeros up to the stored channels.
struct ColumnFilterArguments {
  float* weight; void* packed;
  int out; int in; int kernel; int out_channels; int in_channels; int add;
};
// part has `columns` times `outputs` channels and columns - 1 more pixels a row than y.
struct ColumnsArguments { void* part; void* y; int rows; int width; int columns; int outputs; int part_channels; int y_channels; };

// Look-up of the first layer: table[tap][row][out channel]; rows are classes and, if there are edges, one for these.
struct MapTableArguments { const float* weight; float* table; int out; int rows; int taps; int total_in; int channels; };
struct MapArguments {
  const unsigned char* labels; const unsigned char* edges;
  int n; int h; int w; int out_h; int out_w; int channels;
  int classes; int rows; int kernel; int stride;
  Border border;
};
struct MapLookUpArguments { MapArguments map; const float* table; void* y; int add; };
// Look-up of sums over taps. Rows of the table, each [out channel], from these on: see map_sums.inc.hpp.
struct MapSumsParts { int codes; int runs; int taps; int edges; int end; };
struct MapSumsArguments {
  const float* weight; float* table; MapSumsParts parts;
  int out; int kernel; int total_in; int channels;
};
struct MapSumsLookUpArguments { MapArguments map; MapSumsParts parts; const float* table; void* y; int add; };
// Classes and edges as channels, averaged over the windows of `level` poolings: for ExpandMap none.
struct ExpandMapArguments {
  const unsigned char* labels; const unsigned char* edges; void* y;
  int n; int plane_h; int plane_w; int level;
  int out_h; int out_w; int channels; int classes; int rows;
  Border border;
};

struct LossArguments {
  Source x; Source y; double* partial; void* dx;
  int kind; float target; float scale; int n; int pixels; int channels; int logical;
};
// sum = scale * the sum of `partial`, or has it added.
struct SumLossArguments { const double* partial; int number; double scale; double* sum; int add; };
// Kernels over several arrays: each has blocks of its own from first_block on, in the order of the table.
struct AdamArray {
  const float* gradient;  // null: zeros
  float* value; float* m; float* v;
  float rate; float beta1; float beta2; float epsilon; float correction;
  int count; int first_block;
};
struct AdamArguments { const AdamArray* arrays; int number; const int* stop; };  // not null and 1: nothing is to be done
struct FiniteArray { const void* x; int* bad; int is_float; int count; int first_block; };
struct FiniteArguments { const FiniteArray* arrays; int number; int* stop; const double* sums; int sums_number; };
struct MoveArguments { const float* x; float* y; float share; int count; };

)
// clang-format on
