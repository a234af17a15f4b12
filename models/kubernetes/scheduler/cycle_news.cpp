#include <algorithm>
#include <utility>

#include "models/kubernetes/scheduler/cycle_runner.h"

/// How the caches of shapes learn of changes. Each change is looked at once, whatever the number of shapes, and told to
/// those that it means something to: of pods, to shapes that heed them; of images, to shapes that hold them; of nodes,
/// to all. A shape takes its news when it is asked about.
namespace plimsoll::kubernetes {

/// Most pods that come and go mean nothing to the counts of a shape.
bool CycleRunner::is_heeded(ShapeId shape, ShapeCache& cache, ShapeId other) {
  auto& known = cache.heeded;
  if (other.index() >= known.size()) known.resize(view_.shapes.size(), 0);
  std::uint8_t& answer = known[other.index()];
  if (answer == 0) {
    const Cycle cycle{view_, view_.shapes[shape], shape, cycle_.keys, cycle_.version, cycle_.services};
    const bool any = std::any_of(framework_.cluster_.begin(), framework_.cluster_.end(), [&](const auto& plugin) {
      return plugin->heeds(cycle, *cache.states[static_cast<std::size_t>(plugin->id())], other);
    });
    answer = any ? 2 : 1;
  }
  return answer == 2;
}

const std::vector<std::uint32_t>& CycleRunner::readers_of_pods(ShapeId shape) {
  auto& all = scratch_.readers_of_pods;
  if (all.size() <= shape.index()) all.resize(view_.shapes.size());
  CycleMemory::Readers& readers = all[shape.index()];
  if (!std::exchange(readers.known, true)) {
    for (const std::uint32_t reader : scratch_.listeners) {
      ShapeCache& cache = scratch_.by_shape[reader];
      if (cache.listens && is_heeded(ShapeId{reader}, cache, shape)) readers.shapes.push_back(reader);
    }
  }
  return readers.shapes;
}

void CycleRunner::tell(std::span<const std::uint32_t> readers, const RowChange& change) {
  // One that is not asked about for so long looks at all rows instead.
  const std::size_t most = 2048 + snapshot_.rows();
  for (const std::uint32_t reader : readers) {
    ShapeCache& cache = scratch_.by_shape[reader];
    if (!cache.listens) continue;
    if (cache.news.size() < most) {
      cache.news.push_back(change);
    } else {
      cache.listens = false;
      cache.news = {};
    }
  }
}

/// Of a node's images, those that it did not hold before, or holds no longer.
void CycleRunner::tell_images(const RowChange& change) {
  CycleMemory::Told& told = scratch_.told[change.row];
  const bool there = change.row < snapshot_.rows() && snapshot_.alive(change.row);
  if (!there || !told.known) {
    tell(scratch_.listeners, change);
  } else {
    auto& sizes = scratch_.image_sizes;
    auto& readers = scratch_.readers_of_image;
    const auto tell_readers = [&](NameId image) {
      if (image.index() < readers.size()) tell(readers[image.index()], change);
    };
    for (const ImageOnNode& image : told.images) {
      if (image.name.index() >= sizes.size()) sizes.resize(view_.names.size(), -1);
      sizes[image.name.index()] = image.size;
    }
    for (const ImageOnNode& image : snapshot_.node(change.row).images) {
      const bool before = image.name.index() < sizes.size() && sizes[image.name.index()] == image.size;
      if (before) {
        sizes[image.name.index()] = -1;
      } else {
        tell_readers(image.name);
      }
    }
    for (const ImageOnNode& image : told.images) {
      if (std::exchange(sizes[image.name.index()], -1) >= 0) tell_readers(image.name);
    }
  }
  remember_images(change.row);
}

void CycleRunner::remember_images(Row row) {
  CycleMemory::Told& told = scratch_.told[row];
  told.known = row < snapshot_.rows() && snapshot_.alive(row);
  if (told.known) told.images = snapshot_.node(row).images;
}

void CycleRunner::hear() {
  if (!scratch_.hears || scratch_.heard == snapshot_.version()) return;
  const bool remembered = snapshot_.visit_changes(scratch_.heard, [&](const RowChange& change) {
    if (!change.shape.is_none()) {
      tell(readers_of_pods(change.shape), change);
      return;
    }
    if (scratch_.told.size() <= change.row) scratch_.told.resize(change.row + std::size_t{1});
    if (change.running != 0) {
      tell_images(change);
    } else {
      tell(scratch_.listeners, change);
      remember_images(change.row);
    }
  });
  scratch_.heard = snapshot_.version();
  if (remembered) return;
  for (const std::uint32_t listener : scratch_.listeners) {
    scratch_.by_shape[listener].listens = false;
    scratch_.by_shape[listener].news.clear();
  }
  scratch_.listeners.clear();
  scratch_.told.clear();
}

/// @pre the shape is up to date.
void CycleRunner::listen() {
  if (std::exchange(cache_->listens, true)) return;
  const auto me = static_cast<std::uint32_t>(cycle_.shape.index());
  const auto enter = [me](std::vector<std::uint32_t>& readers, bool reads) {
    const auto at = std::find(readers.begin(), readers.end(), me);
    if (reads && at == readers.end()) readers.push_back(me);
    if (!reads && at != readers.end()) readers.erase(at);
  };
  enter(scratch_.listeners, true);
  for (std::size_t other = 0; other < scratch_.readers_of_pods.size(); ++other) {
    CycleMemory::Readers& readers = scratch_.readers_of_pods[other];
    if (readers.known) enter(readers.shapes, is_heeded(cycle_.shape, *cache_, ShapeId{other}));
  }
  for (const NameId image : cycle_.pod.images) {
    if (scratch_.readers_of_image.size() <= image.index()) scratch_.readers_of_image.resize(view_.names.size());
    enter(scratch_.readers_of_image[image.index()], true);
  }
  scratch_.hears = true;
  scratch_.heard = snapshot_.version();
}

void CycleRunner::rebuild_all() {
  cache_->built = true;
  cache_->services = framework_.services_version_;
  cache_->listens = false;
  cache_->news.clear();
  cache_->classes_built = false;
  cache_->heeded.clear();
  cache_->image.clear();
  cache_->image_key = 0;
  cache_->image_stale = false;
  cache_->held = {};
  for (const auto& plugin : framework_.cluster_) {
    auto& state = cache_->states[static_cast<std::size_t>(plugin->id())];
    if (!state) state = plugin->make_state();
    plugin->rebuild(cycle_for(*plugin), *state);
  }
}

void CycleRunner::take_changes() {
  auto& changed = scratch_.changed;
  changed.clear();
  const auto take = [&](const RowChange& change) {
    const bool node = change.shape.is_none(), images = node && change.running != 0;  // images: nothing but these
    if (!images) {
      for (const auto& plugin : framework_.cluster_) {
        plugin->update(cycle_, *cache_->states[static_cast<std::size_t>(plugin->id())], change);
      }
    }
    mark(change.row, images ? kImages : node ? kNode : kPods);
  };
  if (cache_->listens) {
    for (const RowChange& change : cache_->news) take(change);
    cache_->news.clear();
  } else {
    const bool remembered = snapshot_.visit_changes(cache_->seen, [&](const RowChange& change) {
      if (change.shape.is_none() || is_heeded(cycle_.shape, *cache_, change.shape)) take(change);
    });
    if (!remembered) {
      rebuild_all();
      return;
    }
  }
  const bool scored = cache_->held.known && !cache_->image_stale;
  for (const Row row : changed) {
    const std::uint8_t what = std::exchange(scratch_.dirty[row], 0);
    if (row >= snapshot_.rows() || !snapshot_.alive(row)) {
      drop_position(row);
      continue;
    }
    if (scored && what != kPods) refresh_image(row);
    if (cache_->classes_built && (what != kImages || cache_->by_value)) classify(row);
  }
}

}  // namespace plimsoll::kubernetes
