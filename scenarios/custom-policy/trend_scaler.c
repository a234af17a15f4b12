/* A replica scaler: scales to the CPU target as it will be one call from now if the trend goes on; in only after four
 * calls below. Build: cc -shared -fPIC -I../.. -o trend_scaler.so trend_scaler.c */
#include <string.h>

#include "sim/policy/plimsoll_plugin.h"

typedef struct {
  int64_t load_before; /* milliCPU of all replicas at the last call */
  int64_t calls_below;
} memory;

static int64_t replicas(const plimsoll_replicas* seen, const plimsoll_draws* draws, plimsoll_state* state) {
  memory m;
  (void)draws;
  memcpy(&m, state->bytes, sizeof m);
  if (seen->cpu_used_milli < 0 || seen->target_cpu_percent <= 0) return seen->desired;
  const int64_t load = seen->cpu_used_milli * seen->ready;
  const int64_t trend = m.load_before > 0 ? load - m.load_before : 0;
  const int64_t expected = trend > 0 ? load + trend : load;
  const int64_t each = seen->cpu_request_milli * seen->target_cpu_percent / 100;
  const int64_t wanted = (expected + each - 1) / each;
  m.load_before = load;
  m.calls_below = wanted < seen->desired ? m.calls_below + 1 : 0;
  memcpy(state->bytes, &m, sizeof m);
  return wanted >= seen->desired || m.calls_below >= 4 ? wanted : seen->desired;
}

static const plimsoll_policy policies[] = {{
    .size = sizeof(plimsoll_policy),
    .kind = PLIMSOLL_REPLICA_SCALER,
    .name = "trend",
    .summary = "CPU target with the trend of one period added",
    .call.scaler = replicas,
}};
static const plimsoll_plugin plugin = {sizeof(plimsoll_plugin), PLIMSOLL_PLUGIN_ABI, 1, policies};
const plimsoll_plugin* plimsoll_plugin_get(void) { return &plugin; }
