#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "sim/core/id.h"
#include "sim/core/time.h"
#include "sim/core/units.h"
#include "sim/document/fields.h"

namespace plimsoll::ecs {

/// How the container agent cleans up behind stopped tasks. SOURCE: aws/amazon-ecs-agent README.md (variables and
/// defaults), agent/config/config.go (least values: 1 min, 10 min, 1 image).
struct ImageCleanupPolicy {
  bool enabled = true;               ///< not ECS_DISABLE_IMAGE_CLEANUP, and pull behaviour is not prefer-cached
  Duration task_wait = hours(3);     ///< ECS_ENGINE_TASK_CLEANUP_WAIT_DURATION: from a task's stop to its removal
  Duration task_jitter{};            ///< .._JITTER: at most so much more, drawn
  Duration interval = minutes(30);   ///< ECS_IMAGE_CLEANUP_INTERVAL
  Duration minimum_age = hours(1);   ///< ECS_IMAGE_MINIMUM_CLEANUP_AGE: since the pull
  std::int64_t per_cycle = 5;        ///< ECS_NUM_IMAGES_DELETE_PER_CYCLE
  std::vector<std::string> exclude;  ///< ECS_EXCLUDE_UNTRACKED_IMAGE: never removed

  /// Reads the column's `containerAgent`. On Fargate, where the agents are AWS's, the block is an error.
  static ImageCleanupPolicy read(document::Fields& column, bool on_fargate);
};

/// An image on a container instance as its agent knows it.
struct CachedImage {
  NameId image;
  Time pulled{};
  Time last_used{};     ///< when the last task that had it was cleaned up; its pull when there was none
  bool in_use = false;  ///< a task that has not been cleaned up has it
};

/// Which images one cycle removes, as indices in the order of their removal: at most `per_cycle` of those that no task
/// has and whose pull is longer ago than the minimum age, the one first whose last task was cleaned up first (of equals
/// the one pulled first). The disk's use does not matter. SOURCE: aws/amazon-ecs-agent
/// agent/engine/docker_image_manager.go (removeUnusedImages, isImageOldEnough), agent/engine/image/types.go.
std::vector<std::size_t> images_to_clean(const ImageCleanupPolicy& policy, std::span<const CachedImage> images,
                                         Time now);

}  // namespace plimsoll::ecs
