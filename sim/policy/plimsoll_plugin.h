/* The C interface of policies of your own. Build a shared library that exports plimsoll_plugin_get and give it to any
 * verb with --plugin FILE; its policies can then be named in a scenario beside the built-in ones.
 *
 * Rules. A policy is pure: its answer depends on its arguments only (answers are kept while those stay the same), it
 * keeps nothing between calls except in the state that it is given, and it never blocks. Randomness comes from the
 * draws that are supplied. Every struct begins with its size in bytes as the caller knows it: read no field beyond it.
 * Arrays are columns: element i of each belongs to the same node. All memory belongs to the caller and is valid during
 * the call. A call that crashes, throws or answers out of range ends the run with the policy's name.
 *
 * examples: scenarios/custom-policy/ */
#ifndef PLIMSOLL_PLUGIN_H
#define PLIMSOLL_PLUGIN_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Raised whenever a struct changes in another way than by fields at its end. */
#define PLIMSOLL_PLUGIN_ABI 1u

/* What one pod (an ECS task) asks for. */
typedef struct plimsoll_pod {
  uint32_t size;
  int32_t priority;     /* Kubernetes: of its PriorityClass; ECS: 0 */
  const char* workload; /* Deployment or service; may be "" */
  int64_t cpu_milli;    /* request, 1/1000 vCPU */
  int64_t memory_bytes; /* request */
} plimsoll_pod;

/* The nodes that can take the pod: EC2 instances, ECS container instances. */
typedef struct plimsoll_nodes {
  uint32_t size;
  uint32_t count;                       /* length of every column */
  const int64_t* cpu_allocatable_milli; /* ECS: what remains */
  const int64_t* cpu_requested_milli;   /* by pods placed there; ECS: 0 */
  const int64_t* memory_allocatable_bytes;
  const int64_t* memory_requested_bytes;
  const uint32_t* zone; /* 0 .. zone_count - 1 */
  uint32_t zone_count;
  const uint32_t* workload_pods; /* pods of the same workload there; Kubernetes: null */
} plimsoll_nodes;

/* Uniform 64-bit random numbers of this decision. */
typedef struct plimsoll_draws {
  uint32_t size;
  uint32_t count;
  const uint64_t* values;
} plimsoll_draws;

/* What a replica scaler sees of one workload: means over the time since its last call. */
typedef struct plimsoll_replicas {
  uint32_t size;
  const char* workload;
  int64_t now_s;            /* simulated seconds since the start, warm-up included */
  int64_t desired;          /* replicas wanted now */
  int64_t ready;            /* replicas that take traffic */
  int64_t minimum, maximum; /* of the scenario; the answer is clamped to them */
  int64_t cpu_used_milli;   /* mean of one ready replica; -1 when none was ready */
  int64_t cpu_request_milli;
  int64_t requests_per_s_milli; /* arrivals at the workload, 1/1000 requests a second */
  int64_t target_cpu_percent;   /* scale.cpu of the scenario */
} plimsoll_replicas;

/* Memory of one workload's scaler between its calls; zero at the start, copied with the simulated world. */
#define PLIMSOLL_STATE_BYTES 256
typedef struct plimsoll_state {
  uint32_t size;
  uint32_t padding;
  uint8_t bytes[PLIMSOLL_STATE_BYTES];
} plimsoll_state;

/* Writes scores[0 .. nodes->count), each 0 to 100, higher is better. Named under an EKS column's `scorePlugins`. */
typedef void (*plimsoll_kubernetes_score)(const plimsoll_pod* pod, const plimsoll_nodes* nodes, int64_t* scores);
/* Writes costs[0 .. nodes->count): the instances with the least stay in the running. `stopping` is 0 when a task is
 * placed, 1 when one is to be stopped. Named under an ECS column's `place`. */
typedef void (*plimsoll_ecs_placement)(const plimsoll_pod* pod, const plimsoll_nodes* nodes, int32_t stopping,
                                       int64_t* costs);
/* Returns the wanted number of replicas, 0 or more. Named as `scale: {policy: NAME}` of an application. */
typedef int64_t (*plimsoll_replica_scaler)(const plimsoll_replicas* seen, const plimsoll_draws* draws,
                                           plimsoll_state* state);

enum { PLIMSOLL_KUBERNETES_SCORE = 1, PLIMSOLL_ECS_PLACEMENT = 2, PLIMSOLL_REPLICA_SCALER = 3 };

typedef struct plimsoll_policy {
  uint32_t size;
  uint32_t kind;       /* one of the numbers above; tells which member of `call` is set */
  const char* name;    /* as users write it */
  const char* summary; /* one line for `plimsoll policies` */
  union {
    plimsoll_kubernetes_score score;
    plimsoll_ecs_placement placement;
    plimsoll_replica_scaler scaler;
  } call;
} plimsoll_policy;

typedef struct plimsoll_plugin {
  uint32_t size;
  uint32_t abi; /* PLIMSOLL_PLUGIN_ABI */
  uint32_t policy_count;
  const plimsoll_policy* policies;
} plimsoll_plugin;

/* The one symbol that a library exports. */
typedef const plimsoll_plugin* (*plimsoll_plugin_get_function)(void);
#if defined(__GNUC__)
__attribute__((visibility("default")))
#endif
const plimsoll_plugin*
plimsoll_plugin_get(void);

#ifdef __cplusplus
}
#endif

#endif
