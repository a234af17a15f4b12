#include "models/aws/autoscaling/warm_pool.h"

#include <algorithm>

#include "sim/document/fields.h"

namespace plimsoll::aws {

namespace {

// Not published. A stopped instance boots its system and its agent registers, but nothing is installed or fetched; a
// hibernated one reads its memory back first and then has only to say that it is there.
constexpr std::string_view kAssumed = "assumed: a boot without first-time set-up; not published";

Delay start_of(WarmPoolState state) {
  if (state == WarmPoolState::hibernated) return Delay::lognormal(seconds(20), 0.3, seconds(10));
  return Delay::lognormal(seconds(10), 0.3, seconds(5));
}

Delay join_of(WarmPoolState state) {
  if (state == WarmPoolState::stopped) return Delay::lognormal(seconds(20), 0.3, seconds(10));
  return Delay::lognormal(seconds(5), 0.3, seconds(2));
}

}  // namespace

std::int64_t warm_pool_size(const WarmPoolConfig& pool, std::int64_t desired, std::int64_t maximum) {
  return std::max({pool.prepared.value_or(maximum) - desired, pool.minimum, std::int64_t{0}});
}

WarmPoolConfig read_warm_pool(document::Fields& f) {
  WarmPoolConfig pool;
  pool.state = f.choice<WarmPoolState>("poolState",
                                       {{"Stopped", WarmPoolState::stopped},
                                        {"Running", WarmPoolState::running},
                                        {"Hibernated", WarmPoolState::hibernated}},
                                       WarmPoolState::stopped, "EC2 Auto Scaling API default",
                                       "what the prepared instances are kept as");
  pool.minimum = f.integer("minSize", 0, "EC2 Auto Scaling API default", "least instances in the pool", {0, 5000});
  pool.prepared = f.optional_integer("maxGroupPreparedCapacity",
                                     "most instances in pool and group together; default the group's max", {0, 5000});
  pool.reuse_on_scale_in = f.boolean("reuseOnScaleIn", false, "EC2 Auto Scaling API default",
                                     "a scale-in returns instances to the pool instead of ending them");
  pool.start = f.delay("start", start_of(pool.state), kAssumed, "from the wish until a prepared instance runs");
  pool.join = f.delay("join", join_of(pool.state), kAssumed, "from then until it is registered and ready");
  return pool;
}

}  // namespace plimsoll::aws
