// How the threads of a step share its products and wait for each other, in place of ik_llama.cpp's
// and OpenMP's ways; the linker leads their calls here (steps.cmake).
//
// There each thread computes as many rows of a product as any other, however fast it is; two
// products that weigh each other are read by turns, where memory is quicker with one row after the
// other; one thread rounds what both have written; and at each of some hundred waits a step all
// threads write to one place.

#include <omp.h>
#include <sched.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <thread>
#include <vector>

#include "ggml.h"
#include "iqk/iqk_mul_mat.h"

#define LED_HERE extern "C" __attribute__((visibility("hidden")))

void weigh(float * values, const float * gates, long count);  // kernels.cpp

namespace {

constexpr long PART_BYTES = 1 << 18;  // of weights: a run that is long enough to be fetched ahead
constexpr int MOST_PARTS = 64;        // of a thread
constexpr int MOST_THREADS = 64;
constexpr uint32_t MOST_PRODUCTS = 1 << 12;  // of a step
constexpr uint32_t KEPT = 16;                // products; threads are never so many apart
constexpr int LOOKS = 20000;                 // some tenths of a millisecond
constexpr int CROWDED = 400;                 // some thousandths
constexpr long FEW = 8;                      // tokens, so that weights take longer than products
constexpr long ROWS = 16;                    // the library computes at once
constexpr long LONG = 1024;                  // values of a token, from which threads share rounding
constexpr long ROUNDED = 128;                // values side by side (block_q8_2_x4)
constexpr ggml_type ROUND = GGML_TYPE_Q8_2_X4;

// The parts of a product that are one thread's. It takes them from the front, so that it reads
// memory in a row; who is done with its own takes them from the back, but never the first one.
class alignas(64) Parts {
  public:
    // The next of so many; -1 if there is none.
    int front(uint32_t product, uint32_t parts) { return take(product, parts, FRONT); }
    int back(uint32_t product, uint32_t parts) { return take(product, parts, BACK); }

  private:
    static constexpr uint64_t FRONT = 1, BACK = 1 << 16;

    int take(uint32_t product, uint32_t parts, uint64_t one) {
        uint64_t seen = taken.load(std::memory_order_relaxed);
        for (;;) {
            const uint64_t before = seen >> 32 == product ? seen : uint64_t(product) << 32;
            const uint32_t front = before & 0xffff, back = before >> 16 & 0xffff;
            if (front + back >= parts || (one == BACK && back + 1 >= parts)) return -1;
            if (taken.compare_exchange_weak(seen, before + one, std::memory_order_relaxed))
                return one == FRONT ? front : parts - 1 - back;
        }
    }

    std::atomic<uint64_t> taken{0};  // from the front and from the back, of which product
};

// How often a thread has waited in a step, and on which core it came there.
struct alignas(64) Waits {
    std::atomic<uint32_t> count{0};
    std::atomic<int> core{-1};
};

Parts shares[KEPT][MOST_THREADS];
Waits waits[MOST_THREADS];
alignas(64) char rounded[1 << 18];
std::atomic<uint32_t> steps{0};
thread_local uint32_t own_step = 0, own_product = 0;

// One thread's contribution to a product whose weights take so many bytes; `compute(part, parts)`
// is false where the library does not know how, which each thread finds at the first of its own.
template <class Compute>
bool computed(long bytes, int thread, int threads, const Compute & compute) {
    const int each = int(std::min<long>(bytes / threads / PART_BYTES, MOST_PARTS));
    if (threads == 1 || threads > MOST_THREADS || each < 2) return compute(thread, threads);
    const uint32_t step = steps.load(std::memory_order_relaxed);
    if (own_step != step) own_step = step, own_product = step * MOST_PRODUCTS;
    const uint32_t product = own_product++;
    for (int n = 0; n < threads; n++) {
        const int of = (thread + n) % threads;
        Parts & parts = shares[product % KEPT][of];
        for (;;) {
            const int part = n ? parts.back(product, each) : parts.front(product, each);
            if (part < 0) break;
            if (!compute(of * each + part, threads * each)) return false;
        }
    }
    return true;
}

void rest() {
#if defined(__x86_64__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    __asm__ volatile("yield");
#endif
}

// Leaves this core to the others that compute there, where there is another one.
void move() {
    cpu_set_t all, others;
    if (sched_getaffinity(0, sizeof all, &all)) return;
    others = all;
    CPU_CLR(sched_getcpu(), &others);
    if (!CPU_COUNT(&others)) return;
    sched_setaffinity(0, sizeof others, &others);
    sched_setaffinity(0, sizeof all, &all);
}

// Until a thread has waited so often: awake for a while, then asleep by turns. Where both share a
// core, as it comes of programs that wake in between, the system would leave them there for some
// hundredths of a second.
void wait_for(const Waits & thread, uint32_t count) {
    for (int look = 1; int32_t(thread.count.load(std::memory_order_acquire) - count) < 0; look++) {
        if (look > LOOKS) std::this_thread::sleep_for(std::chrono::microseconds(50));
        else if (look == CROWDED && thread.core == sched_getcpu()) move();
        else rest();
    }
}

}  // namespace

// To be called before each step, by the thread that makes it.
void begin_step() {
    steps.fetch_add(1);
    for (Waits & thread : waits) thread.count = 0;
}

// Each team begins anew: one of fewer threads would leave the others' counts behind.
extern "C" void __real_GOMP_parallel(void (*)(void *), void *, unsigned, unsigned);
LED_HERE void __wrap_GOMP_parallel(void (*work)(void *), void * data, unsigned threads,
                                   unsigned flags) {
    begin_step();
    __real_GOMP_parallel(work, data, threads, flags);
}

// Waits for the others of a team. Only one team computes at a time.
extern "C" void __real_GOMP_barrier();
LED_HERE void __wrap_GOMP_barrier() {
    const int threads = omp_get_num_threads();
    if (threads > MOST_THREADS) return __real_GOMP_barrier();
    Waits & own = waits[omp_get_thread_num()];
    const uint32_t count = own.count.load(std::memory_order_relaxed) + 1;
    own.core.store(sched_getcpu(), std::memory_order_relaxed);
    own.count.store(count, std::memory_order_release);
    for (int thread = 0; thread < threads; thread++) wait_for(waits[thread], count);
}

extern "C" decltype(iqk_mul_mat_4d) __real_iqk_mul_mat_4d;
extern "C" decltype(iqk_moe_fused_up_gate) __real_iqk_moe_fused_up_gate;

namespace {

// Weights, or what a step has made of tokens, row by row.
struct Rows {
    int type;
    const void * values;
    long bytes;  // of one
};

// Rows of a product, by the library, in this thread alone.
bool product(long rows, long columns, long inner, const Rows & weights, const Rows & tokens,
             float * out, long out_row) {
    return __real_iqk_mul_mat_4d(rows, columns, inner, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0, weights.type,
                                 weights.values, weights.bytes, tokens.type, tokens.values,
                                 tokens.bytes, out, out_row, 0, 1);
}

// Whether threads are to round what the tokens are, each the values that it is likely to have
// written itself: those of another core are a long way off.
bool rounds(int a_type, int b_type, long columns, long inner) {
    return b_type == GGML_TYPE_F32 && a_type == GGML_TYPE_Q4_0_R8 && inner >= LONG &&
           columns <= FEW && columns * ggml_row_size(ROUND, inner) <= sizeof rounded &&
           ggml_internal_get_type_traits(ggml_type(a_type)).vec_dot_type == ROUND;
}

Rows round(const Rows & tokens, long columns, long inner, int thread, int threads) {
    const long bytes = ggml_row_size(ROUND, inner), blocks = (inner + ROUNDED - 1) / ROUNDED;
    const long from = blocks * thread / threads * ROUNDED;
    const long end = std::min(blocks * (thread + 1) / threads * ROUNDED, inner);
    const auto round_row = ggml_internal_get_type_traits(ROUND).from_float;
    for (long column = 0; column < columns; column++) {
        const auto * row = (const float *)((const char *)tokens.values + column * tokens.bytes);
        char * out = rounded + column * bytes + ggml_row_size(ROUND, from);
        if (from < end) round_row(row + from, out, end - from);
    }
    __wrap_GOMP_barrier();
    return {ROUND, rounded, bytes};
}

}  // namespace

// A product; those with several matrices, as of attention, are shared the library's way.
LED_HERE bool __wrap_iqk_mul_mat_4d(
    long rows, long columns, long inner, long a2, long a3, long b2, long b3, long a2_bytes,
    long a3_bytes, long b2_bytes, long b3_bytes, long c2, long c3, int a_type, const void * a,
    long a_bytes, int b_type, const void * b, long b_bytes, float * c, long c1, int thread,
    int threads) {
    const bool one = a2 * a3 * b2 * b3 == 1;
    Rows tokens{b_type, b, b_bytes};
    if (one && rounds(a_type, b_type, columns, inner))
        tokens = round(tokens, columns, inner, thread, threads);
    const auto compute = [&](int part, int parts) {
        return __real_iqk_mul_mat_4d(rows, columns, inner, a2, a3, b2, b3, a2_bytes, a3_bytes,
                                     b2_bytes, b3_bytes, c2, c3, a_type, a, a_bytes, tokens.type,
                                     tokens.values, tokens.bytes, c, c1, part, parts);
    };
    return one ? computed(rows * a_bytes, thread, threads, compute) : compute(thread, threads);
}

// Two products with the same factor, and one weighed by the other: for few tokens one after the
// other, part by part.
LED_HERE bool __wrap_iqk_moe_fused_up_gate(
    long rows, long columns, long inner, int b1, int weighing, int a_type, const void * up,
    const void * gate, long a_bytes, int b_type, const void * b, long b_bytes, const char * up_bias,
    const char * gate_bias, float * c, long c1_bytes, long c2_bytes, const void * mapping,
    float limit, int thread, int threads) {
    const bool plain = weighing == GGML_UNARY_OP_SILU && !up_bias && !gate_bias && !mapping &&
                       limit <= 0 && columns <= FEW && rows % ROWS == 0;
    const auto as_there = [&](int part, int parts) {
        return __real_iqk_moe_fused_up_gate(rows, columns, inner, b1, weighing, a_type, up, gate,
                                            a_bytes, b_type, b, b_bytes, up_bias, gate_bias, c,
                                            c1_bytes, c2_bytes, mapping, limit, part, parts);
    };
    const auto apart = [&](int part, int parts) {
        static thread_local std::vector<float> gates;
        const long from = rows / ROWS * part / parts * ROWS;
        const long count = rows / ROWS * (part + 1) / parts * ROWS - from;
        const auto of = [&](const void * weights) {
            return Rows{a_type, (const char *)weights + from * a_bytes, a_bytes};
        };
        const Rows tokens{b_type, b, b_bytes};
        const long row = c1_bytes / long(sizeof(float));
        gates.resize(count * columns);
        if (!product(count, columns, inner, of(gate), tokens, gates.data(), count) ||
            !product(count, columns, inner, of(up), tokens, c + from, row))
            return false;
        for (long column = 0; column < columns; column++)
            weigh(c + from + column * row, gates.data() + column * count, count);
        return true;
    };
    if (!plain) return computed(2 * rows * a_bytes, thread, threads, as_there);
    return computed(rows * a_bytes, thread, threads, apart);
}
