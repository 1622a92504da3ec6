// A libcudart.so.13 without functions: the presets link against the runtime but Stockpot calls the driver alone.
extern "C" int stockpot_no_cuda_runtime() { return 0; }
