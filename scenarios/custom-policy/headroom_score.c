/* A Kubernetes score plugin: the fullest node first, as long as a fifth of its CPU stays free after the pod.
 * Build: cc -shared -fPIC -I../.. -o headroom_score.so headroom_score.c */
#include "sim/policy/plimsoll_plugin.h"

static void score(const plimsoll_pod* pod, const plimsoll_nodes* nodes, int64_t* scores) {
  for (uint32_t i = 0; i < nodes->count; ++i) {
    const int64_t room = nodes->cpu_allocatable_milli[i];
    const int64_t left = room - nodes->cpu_requested_milli[i] - pod->cpu_milli;
    const int64_t percent = room > 0 && left > 0 ? left * 100 / room : 0;
    scores[i] = percent >= 20 ? 120 - percent : percent / 2;
  }
}

static const plimsoll_policy policies[] = {{
    .size = sizeof(plimsoll_policy),
    .kind = PLIMSOLL_KUBERNETES_SCORE,
    .name = "headroom",
    .summary = "fill nodes up to four fifths of their CPU",
    .call.score = score,
}};
static const plimsoll_plugin plugin = {sizeof(plimsoll_plugin), PLIMSOLL_PLUGIN_ABI, 1, policies};
const plimsoll_plugin* plimsoll_plugin_get(void) { return &plugin; }
