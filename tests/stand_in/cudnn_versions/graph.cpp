// The part of a cuDNN that tells its version. Like NVIDIA's it stays loaded, whatever is closed.
#include <cstddef>

extern "C" {
extern const int cudnn_graph_version;
const int cudnn_graph_version =
    VERSION / 10000 << 16 | VERSION % 10000 / 100 << 8 | VERSION % 100;  // 9.14.0 is 0x090e00

std::size_t part_version() { return VERSION; }
}
