#include <algorithm>
#include <utility>

#include "models/kubernetes/scheduler/cycle_runner.h"
#include "models/kubernetes/scheduler/image_locality.h"

/// Each image that a node comes to hold, and each node that comes or goes, changes the share of the nodes that hold it
/// and mostly no score: scores are whole and few. So the scores of what nodes hold are looked at, not the nodes.
namespace plimsoll::kubernetes {

/// @pre the profile scores images.
const ImageLocality& CycleRunner::images() const {
  return static_cast<const ImageLocality&>(*framework_.scorers_[image_].plugin);
}

void CycleRunner::check_image_key() {
  if (image_ == framework_.scorers_.size()) return;
  const std::uint64_t key = images().scores(cycle_) ? images().cluster_key(cycle_) | 1 : 0;
  if (key == cache_->image_key) return;
  const bool goes_on = cache_->image_key != 0 && key != 0;
  cache_->image_key = key;
  if (goes_on && cache_->held.known) {
    cache_->held.stale = true;
  } else {
    cache_->held = {};
    cache_->image_stale = true;
  }
}

/// The row holds something else, or is another node.
void CycleRunner::refresh_image(Row row) {
  auto& sizes = scratch_.sizes;
  const bool holds = images().held_sizes(cycle_, row, sizes);
  if (cache_->image.size() <= row) cache_->image.resize(snapshot_.rows(), 0);
  std::int64_t& score = cache_->image[row];
  score = holds ? images().score_of(cycle_, sizes) : 0;
  ShapeCache::HeldImages& held = cache_->held;
  if (!holds || !held.known) return;
  if (held.is_in.size() <= row) held.is_in.resize(snapshot_.rows(), 0);
  if (std::exchange(held.is_in[row], 1) == 0) held.rows.push_back(row);
  const auto at =
      std::find_if(held.sizes.begin(), held.sizes.end(), [&](const auto& known) { return known.first == sizes; });
  if (at == held.sizes.end()) {
    held.sizes.emplace_back(sizes, score);
  } else if (at->second != score) {
    at->second = -1;  // rows differ until all are scored again
    held.stale = true;
  }
}

/// @post every live row has its score.
void CycleRunner::bring_images() {
  if (std::exchange(cache_->image_stale, false)) {
    cache_->held = {};
    cache_->image.clear();
    if (cache_->by_value) cache_->classes_built = false;
    if (cache_->image_key == 0) return;
    cache_->held.known = true;
    cache_->image.resize(snapshot_.rows(), 0);
    for (const Row row : live_rows()) refresh_image(row);
  }
  ShapeCache::HeldImages& held = cache_->held;
  if (!std::exchange(held.stale, false)) return;
  bool same = true;
  for (auto& [sizes, score] : held.sizes) {
    const std::int64_t now = images().score_of(cycle_, sizes);
    same = std::exchange(score, now) == now && same;
  }
  if (same) return;
  std::size_t kept = 0;
  for (const Row row : held.rows) {
    const bool holds =
        row < snapshot_.rows() && snapshot_.alive(row) && images().held_sizes(cycle_, row, scratch_.sizes);
    if (!holds) {
      held.is_in[row] = 0;
      continue;
    }
    held.rows[kept++] = row;
    const std::int64_t now = images().score_of(cycle_, scratch_.sizes);
    if (std::exchange(cache_->image[row], now) == now) continue;
    if (cache_->classes_built && cache_->by_value) classify(row);
  }
  held.rows.resize(kept);
}

std::int64_t CycleRunner::image_score(Row row) const { return row < cache_->image.size() ? cache_->image[row] : 0; }

}  // namespace plimsoll::kubernetes
