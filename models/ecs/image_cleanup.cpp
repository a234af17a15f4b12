#include "models/ecs/image_cleanup.h"

#include <algorithm>

namespace plimsoll::ecs {

ImageCleanupPolicy ImageCleanupPolicy::read(document::Fields& column, bool on_fargate) {
  ImageCleanupPolicy p;
  if (on_fargate && column.has("containerAgent") && !column.describing())
    column.error("containerAgent", "the agents of Fargate are AWS's: they take no settings", "remove containerAgent");
  document::Fields a = column.child("containerAgent", "settings of the container agents, as in ecs.config");
  const char* const source = "aws/amazon-ecs-agent README";
  p.task_wait = a.duration("ECS_ENGINE_TASK_CLEANUP_WAIT_DURATION", p.task_wait, source,
                           "from a task's stop to the removal of its containers", {minutes(1), hours(24 * 365)});
  p.task_jitter = a.duration("ECS_ENGINE_TASK_CLEANUP_WAIT_DURATION_JITTER", p.task_jitter, source,
                             "drawn on top of that wait", {Duration{}, hours(24 * 365)});
  p.enabled = !a.boolean("ECS_DISABLE_IMAGE_CLEANUP", false, source, "no image is ever removed");
  p.interval = a.duration("ECS_IMAGE_CLEANUP_INTERVAL", p.interval, source, "between two cycles",
                          {minutes(10), hours(24 * 365)});
  p.minimum_age = a.duration("ECS_IMAGE_MINIMUM_CLEANUP_AGE", p.minimum_age, source,
                             "since its pull, before an image may go", {Duration{}, hours(24 * 365)});
  p.per_cycle =
      a.integer("ECS_NUM_IMAGES_DELETE_PER_CYCLE", p.per_cycle, source, "images that a cycle removes", {1, 1000});
  p.exclude = a.texts("ECS_EXCLUDE_UNTRACKED_IMAGE", "images that are never removed, by name");
  return p;
}

std::vector<std::size_t> images_to_clean(const ImageCleanupPolicy& policy, std::span<const CachedImage> images,
                                         Time now) {
  std::vector<std::size_t> out;
  for (std::size_t i = 0; i < images.size(); ++i) {
    if (!images[i].in_use && now - images[i].pulled > policy.minimum_age) out.push_back(i);
  }
  std::sort(out.begin(), out.end(), [&](std::size_t a, std::size_t b) {
    const CachedImage &x = images[a], &y = images[b];
    if (x.last_used != y.last_used) return x.last_used < y.last_used;
    if (x.pulled != y.pulled) return x.pulled < y.pulled;
    return a < b;
  });
  if (out.size() > static_cast<std::size_t>(policy.per_cycle)) out.resize(static_cast<std::size_t>(policy.per_cycle));
  return out;
}

}  // namespace plimsoll::ecs
