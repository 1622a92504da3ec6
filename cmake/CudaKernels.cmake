# The CUDA kernels as one fat binary, if an nvcc is found that knows all architectures below: machine code for each of
# them, and PTX of the first and the last for others: of the first for cards between these, of the last for future ones. If there is none, or -DSTOCKPOT_NVCC=OFF is given, the library has no CUDA
# kernels and reports that.
set(STOCKPOT_CUDA_ARCHITECTURES 75 80 86 89 90 100 120 CACHE STRING "Compute capabilities to compile for")

# kernels.cu asks for four blocks of 256 threads on a multiprocessor; a kernel that needs more registers, or spills any
# to memory, fails the build.
set(STOCKPOT_CUDA_REGISTERS 64)

set(STOCKPOT_OLDEST_NVCC 13.0)

find_program(STOCKPOT_NVCC nvcc HINTS ENV CUDA_HOME PATH_SUFFIXES bin PATHS /usr/local/cuda/bin)
set(nvcc_version 0)
if(STOCKPOT_NVCC)
  execute_process(COMMAND ${STOCKPOT_NVCC} --version OUTPUT_VARIABLE nvcc_output)
  if(nvcc_output MATCHES "release ([0-9.]+)")
    set(nvcc_version ${CMAKE_MATCH_1})
  endif()
endif()

if(NOT nvcc_version VERSION_LESS STOCKPOT_OLDEST_NVCC)
  set(cuda_flags -std=c++17 -O3 -Werror all-warnings -Xcompiler -Wall,-Wextra)
  set(architectures)
  foreach(architecture ${STOCKPOT_CUDA_ARCHITECTURES})
    list(APPEND architectures -gencode arch=compute_${architecture},code=sm_${architecture})
    set(newest ${architecture})
  endforeach()
  list(GET STOCKPOT_CUDA_ARCHITECTURES 0 oldest)
  foreach(architecture ${oldest} ${newest})
    list(APPEND architectures -gencode arch=compute_${architecture},code=compute_${architecture})
  endforeach()

  file(GLOB cuda_sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/cuda/*)
  list(APPEND cuda_sources ${CMAKE_CURRENT_SOURCE_DIR}/include/stockpot.h)
  set(cuda_output ${CMAKE_CURRENT_BINARY_DIR}/cuda)
  set(fatbin ${cuda_output}/dev/stockpot/kernel/cuda/stockpot.fatbin)
  set(report ${CMAKE_CURRENT_BINARY_DIR}/ptxas.txt)
  set(ptx ${CMAKE_CURRENT_BINARY_DIR}/stockpot.ptx)
  file(MAKE_DIRECTORY ${cuda_output}/dev/stockpot/kernel/cuda)
  set(compile ${STOCKPOT_NVCC} ${cuda_flags} ${architectures} -Xptxas -v --threads 2 --fatbin -o ${fatbin}
              ${CMAKE_CURRENT_SOURCE_DIR}/cuda/kernels.cu)
  add_custom_command(
    OUTPUT ${fatbin} ${report}
    COMMAND ${CMAKE_COMMAND} "-DCOMPILE=${compile}" -DREPORT=${report} -DFATBIN=${fatbin}
            -DLIMIT=${STOCKPOT_CUDA_REGISTERS} "-DARCHITECTURES=${STOCKPOT_CUDA_ARCHITECTURES}"
            -P ${CMAKE_CURRENT_LIST_DIR}/CompileCuda.cmake
    DEPENDS ${cuda_sources} ${CMAKE_CURRENT_LIST_DIR}/CudaKernels.cmake ${CMAKE_CURRENT_LIST_DIR}/CompileCuda.cmake
    COMMENT "Compiling the CUDA kernels"
    VERBATIM)
  add_custom_command(
    OUTPUT ${ptx}
    COMMAND ${STOCKPOT_NVCC} ${cuda_flags} -arch=compute_${newest} -ptx -o ${ptx}
            ${CMAKE_CURRENT_SOURCE_DIR}/cuda/kernels.cu
    DEPENDS ${cuda_sources}
    VERBATIM)
  add_custom_target(cuda_kernels ALL DEPENDS ${fatbin} ${ptx})
else()
  # Files that an earlier build may have left are of earlier sources.
  file(REMOVE ${CMAKE_CURRENT_BINARY_DIR}/cuda/dev/stockpot/kernel/cuda/stockpot.fatbin
       ${CMAKE_CURRENT_BINARY_DIR}/stockpot.ptx)
  message(STATUS "No nvcc ${STOCKPOT_OLDEST_NVCC} or later: the library is built without CUDA kernels")
endif()
