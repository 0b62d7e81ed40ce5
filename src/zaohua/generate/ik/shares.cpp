// How the threads of a step share its products and wait for each other, in place of ik_llama.cpp's
// and OpenMP's ways; the linker leads their calls here (steps.cmake).
//
// There each thread computes as many rows of a product as any other, however fast it is; and at
// each of some hundred waits a step a system call is made for those who sleep, though mostly none
// does.

#include <omp.h>

#include <algorithm>
#include <atomic>
#include <cstdint>

#include "iqk/iqk_mul_mat.h"

#define LED_HERE extern "C" __attribute__((visibility("hidden")))

namespace {

constexpr long PART_BYTES = 1 << 18;  // of weights: a run that is long enough to be fetched ahead
constexpr int MOST_PARTS = 64;        // of a thread
constexpr int MOST_THREADS = 64;
constexpr uint32_t MOST_PRODUCTS = 1 << 12;  // of a step
constexpr uint32_t KEPT = 16;                // products; threads are never so many apart
constexpr int LOOKS = 20000;                 // some tenths of a millisecond

// The parts of a product that are one thread's. It takes them from the front, so that it reads
// memory in a row; who is done with its own takes them from the back, but never the first one.
class alignas(64) Parts {
  public:
    // The next of so many; -1 if there is none.
    int front(uint32_t product, uint32_t parts) { return take(product, parts, parts, FRONT); }
    int back(uint32_t product, uint32_t parts) { return take(product, parts, parts - 1, BACK); }

  private:
    static constexpr uint64_t FRONT = 1, BACK = 1 << 16;

    int take(uint32_t product, uint32_t parts, uint32_t most, uint64_t one) {
        uint64_t seen = taken.load(std::memory_order_relaxed);
        for (;;) {
            const uint64_t before = seen >> 32 == product ? seen : uint64_t(product) << 32;
            const uint32_t front = before & 0xffff, back = before >> 16 & 0xffff;
            if (front + back >= parts || (one == BACK && back >= most)) return -1;
            if (taken.compare_exchange_weak(seen, before + one, std::memory_order_relaxed))
                return one == FRONT ? front : parts - 1 - back;
        }
    }

    std::atomic<uint64_t> taken{0};  // from the front and from the back, of which product
};

Parts shares[KEPT][MOST_THREADS];
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

// On lines of their own, as one is looked at while the other is written.
alignas(64) std::atomic<int> arrived{0};
alignas(64) std::atomic<unsigned> waits{0};

}  // namespace

// To be called before each step, by the thread that makes it.
void begin_step() { steps.fetch_add(1); }

// Waits for the others of a team, awake for a while. Only one team computes at a time.
LED_HERE void __wrap_GOMP_barrier() {
    const unsigned before = waits.load(std::memory_order_relaxed);
    if (arrived.fetch_add(1, std::memory_order_acq_rel) + 1 == omp_get_num_threads()) {
        arrived.store(0, std::memory_order_relaxed);
        waits.store(before + 1);
        waits.notify_all();
        return;
    }
    for (int look = 0; look < LOOKS; look++) {
        if (waits.load(std::memory_order_acquire) != before) return;
        rest();
    }
    waits.wait(before);
}

extern "C" decltype(iqk_mul_mat_4d) __real_iqk_mul_mat_4d;
extern "C" decltype(iqk_moe_fused_up_gate) __real_iqk_moe_fused_up_gate;

// A product; those with several matrices, as of attention, are shared the library's way.
LED_HERE bool __wrap_iqk_mul_mat_4d(
    long rows, long columns, long inner, long a2, long a3, long b2, long b3, long a2_bytes,
    long a3_bytes, long b2_bytes, long b3_bytes, long c2, long c3, int a_type, const void * a,
    long a_bytes, int b_type, const void * b, long b_bytes, float * c, long c1, int thread,
    int threads) {
    const auto compute = [&](int part, int parts) {
        return __real_iqk_mul_mat_4d(rows, columns, inner, a2, a3, b2, b3, a2_bytes, a3_bytes,
                                     b2_bytes, b3_bytes, c2, c3, a_type, a, a_bytes, b_type, b,
                                     b_bytes, c, c1, part, parts);
    };
    if (a2 * a3 * b2 * b3 != 1) return compute(thread, threads);
    return computed(rows * a_bytes, thread, threads, compute);
}

// Two products with the same factor, and one weighed by the other.
LED_HERE bool __wrap_iqk_moe_fused_up_gate(
    long rows, long columns, long inner, int b1, int weighing, int a_type, const void * up,
    const void * gate, long a_bytes, int b_type, const void * b, long b_bytes, const char * up_bias,
    const char * gate_bias, float * c, long c1_bytes, long c2_bytes, const void * mapping,
    float limit, int thread, int threads) {
    const auto compute = [&](int part, int parts) {
        return __real_iqk_moe_fused_up_gate(rows, columns, inner, b1, weighing, a_type, up, gate,
                                            a_bytes, b_type, b, b_bytes, up_bias, gate_bias, c,
                                            c1_bytes, c2_bytes, mapping, limit, part, parts);
    };
    return computed(2 * rows * a_bytes, thread, threads, compute);
}
