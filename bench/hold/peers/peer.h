#pragma once

#include <cstdio>
#include <cstdlib>

#include "bench/hold/hold.h"

namespace plimsoll::bench {

/// The main function of a peer, a program of its own that is built where its Debian package is installed: VARIANT
/// PENDING HOLDS; prints CPU nanoseconds per hold and the checksum (0: none).
template <class Hold>
int run_peer(int argc, char** argv, Hold hold) {
  if (argc != 4) {
    std::fprintf(stderr, "usage: %s VARIANT PENDING HOLDS\n", argv[0]);
    return 2;
  }
  const HoldInput input =
      make_input(std::strtoull(argv[2], nullptr, 10), std::strtoull(argv[3], nullptr, 10), HoldSteps::exponential);
  const HoldOutput out = hold(input, argv[1]);
  std::printf("%.3f %llu\n", out.nanoseconds, static_cast<unsigned long long>(out.checksum));
  return 0;
}

}  // namespace plimsoll::bench
