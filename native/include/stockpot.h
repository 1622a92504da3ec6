// The whole boundary between the JVM and the native code; JavaCPP parses this file.
//
// Addresses are passed as integers. Nothing here throws, prints or keeps state between calls, except for the SIGBUS
// handler that the first guarded call installs, and for what a thread has compiled (sp_compute).
#ifndef STOCKPOT_H
#define STOCKPOT_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef int64_t sp_address;

// Instruction sets, each a superset of the one before.
enum sp_isa_code { SP_SCALAR = 0, SP_AVX2 = 1, SP_AVX512 = 2 };

// Element types that can be mixed.
enum sp_dtype_code { SP_F64 = 0, SP_F32 = 1, SP_F16 = 2, SP_BF16 = 3, SP_F8_E5M2 = 4, SP_F8_E4M3 = 5 };

// What sp_mix, sp_dot and sp_compute return besides 0 and the number of a source. SP_NOT_FINITE is no fault.
enum sp_fault_code { SP_FAULT_UNKNOWN = -1, SP_FAULT_VECTOR = -2, SP_NOT_FINITE = -3, SP_NO_MEMORY = -4 };

// The sizes of sp_dot's lanes and blocks.
enum sp_dot_sizes { SP_DOT_LANES = 32, SP_DOT_BLOCK = 2048 };

// The best instruction set that this processor and its operating system support.
int sp_detect_isa();

// Writes round(sum(weights[k] * sources[k][i]) / divisor) to out[i] for i in [0, elements), by the numbers contract.
// weights is NULL for a plain sum. Operands may have any alignment; out may be one of the sources, but may not
// overlap one otherwise. isa must not be above sp_detect_isa(). past_caches says that out is not read again soon: it
// is then stored past the caches, which saves reading it first.
// Returns 0; SP_NOT_FINITE if an element of out is infinite or no number; k + 1 if source k could not be read (SIGBUS
// on its mapping); SP_FAULT_UNKNOWN if something else faulted.
int sp_mix(int isa, sp_address out, int out_dtype, int64_t elements, const sp_address* sources,
           const int32_t* source_dtypes, int count, const double* weights, double divisor, int past_caches);

// Adds the dot product of vector with sources[k] to sums[k], by the numbers contract. Elements go in blocks of
// SP_DOT_BLOCK, the last of which may be shorter, each with SP_DOT_LANES lanes of F64 that begin at 0:
//     lane[i % SP_DOT_LANES] += (double)vector[i] * (double)sources[k][i]     i in order; a product is rounded to F64
//     lane[j] += lane[j + h]                                                  j < h, for h = 16, 8, 4, 2, 1
//     sums[k] += lane[0]                                                      the blocks in order
// So consecutive calls over parts that are whole blocks yield the same sums as a single call. Operands may have any
// alignment. isa must not be above sp_detect_isa().
// Returns 0; k + 1 if source k could not be read, SP_FAULT_VECTOR if vector could not (SIGBUS on its mapping);
// SP_FAULT_UNKNOWN if something else faulted. After a fault sums are undefined.
int sp_dot(int isa, sp_address vector, int vector_dtype, int64_t elements, const sp_address* sources,
           const int32_t* source_dtypes, int count, double* sums);

// What a step of a formula does: dev.stockpot.formula.Op says what each computes.
enum sp_op_code {
    SP_OP_SOURCE,
    SP_OP_TABLE,
    SP_OP_RANDOM,
    SP_OP_ADD,
    SP_OP_SUB,
    SP_OP_MUL,
    SP_OP_DIV,
    SP_OP_MIN,
    SP_OP_MAX,
    SP_OP_FMA,
    SP_OP_ABS,
    SP_OP_LESS,
    SP_OP_AT_MOST,
    SP_OP_EQUAL,
    SP_OP_SELECT,
    SP_OP_WITHIN,
    SP_OP_OUT,
    SP_OP_SUM,
    SP_OP_DOT,
    SP_OP_COUNT,
    SP_OP_HISTOGRAM
};

// Whether sp_compute makes machine code of most formulas: isa is SP_AVX512, and the system lets a process run what it
// has written. If not, it takes their steps one by one; the results are the same.
int sp_compiles(int isa);

// Computes a formula on elements [first, first + elements) of a tensor, which the sources and out begin with. A step is
// five ints: an sp_op_code, the register of its value, and its operands: registers, or ~k for constant k. Values are
// F64 if wide is 1 or any source is F32 or F64, else F32. numbers hold what steps name by place: of SP_OP_RANDOM the
// key and the stream, of SP_OP_WITHIN and SP_OP_HISTOGRAM the fields of RankWindow, and from, shift and bins.
// table_shapes hold, for each table, its place in tables, its length, and how many elements each number is for. Sums go
// in blocks and lanes as those of sp_dot; sums and counts are added to. out is 0 if no step is SP_OP_OUT; past_caches
// is that of sp_mix. Returns what sp_mix returns, SP_NOT_FINITE of out alone, or SP_NO_MEMORY if there is none for its
// values.
int sp_compute(int isa, int wide, const int32_t* code, int steps, int registers, const double* constants,
               int constant_count, const int64_t* numbers, const double* tables, const int64_t* table_shapes,
               const sp_address* sources, const int32_t* source_dtypes, int count, sp_address out, int out_dtype,
               int past_caches, int64_t first, int64_t elements, double* sums, int sum_count, int64_t* counts);

// Sets elements of rows to 0 at random, those of small magnitude more often. values are rows * row_length elements of
// type SP_F32 or SP_F64, random as many F32 in [0, 1) that are multiples of 2^-24. Of an element, let r be its rank by
// the F32 pattern of its magnitude, from 0 for the smallest in its row, of equal ones the lowest index first. It is
// left if it is not finite, or its random number is below
//     (density - epsilon) + (2 * epsilon) * (r / (row_length - 1))            in F64; 0.5 for the quotient in rows of 1
// which should be in [0, 1] for every r; epsilon should be 0 or more. row_length is below 2^31. Adds the magnitudes
// before to sums[0] and those after to sums[1] unless sums is NULL, row by row, each row in blocks and lanes as those
// of sp_dot. random is undefined then. room is three vectors of row_length words of 8 bytes. All operands are aligned
// to their types. isa must not be above sp_detect_isa(). Returns how many elements are left, or SP_FAULT_UNKNOWN if
// memory could not be read (SIGBUS).
int64_t sp_drop(int isa, sp_address values, int dtype, sp_address random, int64_t rows, int64_t row_length,
                double density, double epsilon, const sp_address* room, double* sums);

// The steps of sp_divergence, in their order, and the numbers that it keeps for a row.
enum sp_divergence_step { SP_MAXIMA = 1, SP_SOFTMAX_SUMS = 2, SP_DIVERGENCE = 4 };
enum sp_divergence_sizes { SP_DIVERGENCE_STATE = 5 };

// Measures how far rows of a model diverge from those of its base: sum of p log(p / q), where p and q are the rows'
// softmax + 1e-8. model and base are rows * row_length F64, undefined then. Of each row states hold, in this order: the
// largest element of the model and of the base, from minus infinity on; the sums of exp(x - largest), from 0 on; and
// the divergence, from 0 on. Steps add to these: all of them at once for whole rows, or one after the other on parts of
// a row that are whole blocks. Sums go in blocks and lanes as those of sp_dot; exp and log are those of fdlibm. isa
// must not be above sp_detect_isa(). Returns 0, or SP_FAULT_UNKNOWN if memory could not be read (SIGBUS).
int sp_divergence(int isa, sp_address model, sp_address base, int64_t rows, int64_t row_length, int steps,
                  double* states);

// Allocates memory aligned to 64 bytes, to a page from 1 MiB on, not cleared. Returns 0 if there is none.
sp_address sp_allocate(int64_t bytes);

// Frees memory from sp_allocate; bytes must be the same.
void sp_free(sp_address address, int64_t bytes);

// Copies bytes that may be in a mapped file. Returns 0, or EFAULT if they could not be read or written (SIGBUS).
int sp_copy(sp_address to, sp_address from, int64_t bytes);

// Maps a whole regular file read-only. path is its NUL-terminated name in the system's encoding.
// Stores the address (0 for an empty file) and the size in bytes at result[0] and [1]. Returns 0 or an errno.
int sp_map_file(const int8_t* path, int64_t* result);

// Undoes sp_map_file.
void sp_unmap_file(sp_address address, int64_t bytes);

// Brings in the mapped pages of [address, address + bytes), at least 1 byte, many at a time.
// Returns 0, or EFAULT if one could not be read: the file shrank, or the disk failed.
int sp_populate(sp_address address, int64_t bytes);

// Drops the pages of count spans [addresses[k], addresses[k] + bytes[k]) from this process; the page cache keeps them.
// All in one call if the system can: each call interrupts every processor that runs the process.
void sp_release(const sp_address* addresses, const int64_t* bytes, int count);

// Starts reading [offset, offset + bytes) of the file path, mapped at `mapping`, from disk, if its end is not cached
// already and sp_populate would not do so.
void sp_prefetch(sp_address mapping, const int8_t* path, int64_t offset, int64_t bytes);

// The bytes of a large page.
enum sp_page_size { SP_LARGE_PAGE = 2 << 20 };

// Sets the size of a file that is being written, and maps it for writing, at a multiple of a large page. Stores what
// sp_map_file stores, and an open descriptor at result[2]. Returns 0, or an errno if that is of no use: the file is not
// kept only in memory (tmpfs), is smaller than a large page, or the system has none of that size.
int sp_map_new_file(const int8_t* path, int64_t bytes, int64_t* result);

// Undoes sp_map_new_file.
void sp_unmap_new_file(sp_address address, int64_t bytes, int descriptor);

// Makes one large page of the range of such a file that holds `offset`. The byte at `offset` becomes 0, the others
// stay. Returns 0, or an errno if the system has no room for it.
int sp_make_large_page(sp_address mapping, int descriptor, int64_t offset);

// Renames in one step without replacing anything: SP_RENAME_NEW fails with EEXIST if there is something at `to`,
// SP_RENAME_EXCHANGE lets the two change places. Returns 0, or an errno; EINVAL or ENOSYS if the file system cannot.
enum sp_rename_kind { SP_RENAME_NEW = 1, SP_RENAME_EXCHANGE = 2 };
int sp_rename(const int8_t* from, const int8_t* to, int kind);

// The address of a direct Java buffer, which JavaCPP passes as a pointer.
sp_address sp_address_of(const int8_t* buffer);

// Sets a file's size and reserves its blocks on the disk. Returns 0, or an errno if its file system cannot or has no
// room.
int sp_reserve(const int8_t* path, int64_t bytes);

// Starts writing a part of a file from the page cache to its disk, and waits for that if `wait` is 1. Returns 0, or an
// errno.
int sp_write_back(const int8_t* path, int64_t at, int64_t bytes, int wait);

// What kind of file system a path is on, or -errno: a local one on a disk; a network or user-space one, where mapping
// is slow and may fail; or one in memory.
enum sp_file_system_kind { SP_ON_DISK, SP_ON_NETWORK, SP_IN_MEMORY };
int sp_file_system(const int8_t* path);

// What direct access to a file (O_DIRECT) has to be a multiple of, in bytes: offsets, lengths, addresses. 0 if the file
// has no direct access; -1 if its file system does not say, as on Linux before 6.1.
int64_t sp_direct_block(const int8_t* path);

// Reads each whole group of 8 words of [address, address + bytes) once, as fast as possible, and stores their exclusive
// or at sum: the baseline for any work over these bytes. Returns 0, or EFAULT if a mapped page could not be read.
int sp_read(sp_address address, int64_t bytes, int64_t* sum);

// Drops a file's pages from the page cache, if no process has them mapped; unwritten data goes to disk first.
// Returns 0 or an errno.
int sp_forget_file(const int8_t* path);

#ifdef __cplusplus
}
#endif

#endif  // STOCKPOT_H
