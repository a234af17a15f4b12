/* An ECS placement strategy: the zone with fewest tasks of the service first, then the instance with least CPU left.
 * Tasks are stopped the other way round. Build: cc -shared -fPIC -I../.. -o zone_then_pack.so zone_then_pack.c */
#include "sim/policy/plimsoll_plugin.h"

enum { MOST_ZONES = 16 };

static void cost(const plimsoll_pod* pod, const plimsoll_nodes* nodes, int32_t stopping, int64_t* costs) {
  int64_t tasks[MOST_ZONES] = {0};
  (void)pod;
  for (uint32_t i = 0; i < nodes->count; ++i) tasks[nodes->zone[i] % MOST_ZONES] += nodes->workload_pods[i];
  for (uint32_t i = 0; i < nodes->count; ++i) {
    const int64_t order = tasks[nodes->zone[i] % MOST_ZONES] * 1000000 + nodes->cpu_allocatable_milli[i];
    costs[i] = stopping ? -order : order;
  }
}

static const plimsoll_policy policies[] = {{
    .size = sizeof(plimsoll_policy),
    .kind = PLIMSOLL_ECS_PLACEMENT,
    .name = "zone-then-pack",
    .summary = "fewest tasks in the zone, then least CPU left",
    .call.placement = cost,
}};
static const plimsoll_plugin plugin = {sizeof(plimsoll_plugin), PLIMSOLL_PLUGIN_ABI, 1, policies};
const plimsoll_plugin* plimsoll_plugin_get(void) { return &plugin; }
