/* Plugins that must be refused or that end the run: one library for each FAULT. */
#include <stdlib.h>

#include "sim/policy/plimsoll_plugin.h"

#if FAULT == 1 /* another ABI number */
static const plimsoll_policy policies[] = {{.size = sizeof(plimsoll_policy), .kind = 1, .name = "x"}};
static const plimsoll_plugin plugin = {sizeof(plimsoll_plugin), PLIMSOLL_PLUGIN_ABI + 41, 1, policies};
const plimsoll_plugin* plimsoll_plugin_get(void) { return &plugin; }
#elif FAULT == 2 /* a missing symbol */
int plimsoll_plugin_other(void);
int plimsoll_plugin_other(void) { return 0; }
#elif FAULT == 3 /* a crash in the call */
static int64_t replicas(const plimsoll_replicas* seen, const plimsoll_draws* draws, plimsoll_state* state) {
  (void)seen;
  (void)draws;
  (void)state;
  abort();
}
#elif FAULT == 4 /* an answer out of range */
static int64_t replicas(const plimsoll_replicas* seen, const plimsoll_draws* draws, plimsoll_state* state) {
  (void)draws;
  (void)state;
  return -seen->desired;
}
#elif FAULT == 5 /* a stack that runs over */
static volatile int64_t end_of_the_stack = INT64_MAX; /* never reached: the stack ends first */
static int64_t deeper(int64_t n) {
  volatile char room[65536];
  room[0] = (char)n;
  return n == end_of_the_stack ? 0 : deeper(n + 1) + room[0];
}
static int64_t replicas(const plimsoll_replicas* seen, const plimsoll_draws* draws, plimsoll_state* state) {
  (void)draws;
  (void)state;
  return deeper(seen->desired);
}
#elif FAULT == 6 /* a crash while it is asked for its table */
const plimsoll_plugin* plimsoll_plugin_get(void) { abort(); }
#endif
#if FAULT >= 3 && FAULT <= 5
static const plimsoll_policy policies[] = {
    {.size = sizeof(plimsoll_policy), .kind = PLIMSOLL_REPLICA_SCALER, .name = "bad", .call.scaler = replicas}};
static const plimsoll_plugin plugin = {sizeof(plimsoll_plugin), PLIMSOLL_PLUGIN_ABI, 1, policies};
const plimsoll_plugin* plimsoll_plugin_get(void) { return &plugin; }
#endif
