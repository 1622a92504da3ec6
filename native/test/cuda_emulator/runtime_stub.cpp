// A libcudart.so.13 without functions: the presets link against the runtime but Stockpot calls only the driver.
extern "C" int stockpot_no_cuda_runtime() { return 0; }
