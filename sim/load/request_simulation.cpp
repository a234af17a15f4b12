#include "sim/load/request_simulation.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <functional>

#include "sim/core/assert.h"
#include "sim/core/math.h"

namespace plimsoll::load {

namespace {

/// The earliest of a set of times; smallest on top. A binary heap, padded so that every child can be read, whose hole
/// goes down to the bottom without comparing with the new time (which is usually late) and then up.
class TimeHeap {
 public:
  bool empty() const { return count_ == 0; }
  std::size_t size() const { return count_; }
  double top() const { return times_[0]; }
  void push(double time) {
    if (times_.size() < 2 * (count_ + 2)) times_.resize(4 * (count_ + 2), kLate);
    rise(count_++, time);
  }
  void pop() {
    const double last = times_[--count_];
    times_[count_] = kLate;
    if (count_ > 0) replace_top(last);
  }
  void fill(std::size_t count, double time) {
    times_.assign(2 * (count + 2), kLate);
    std::fill_n(times_.begin(), count, time);
    count_ = count;
  }
  void replace_top(double time) {
    double* const t = times_.data();
    std::size_t at = 0;
    for (std::size_t child = 1; child < count_; child = 2 * at + 1) {
      child += t[child + 1] < t[child] ? 1 : 0;
      t[at] = t[child];
      at = child;
    }
    rise(at, time);
  }

 private:
  static constexpr double kLate = 1e300;

  void rise(std::size_t at, double time) {
    double* const t = times_.data();
    while (at > 0) {
      const std::size_t parent = (at - 1) / 2;
      if (t[parent] <= time) break;
      t[at] = t[parent];
      at = parent;
    }
    t[at] = time;
  }

  std::vector<double> times_;
  std::size_t count_ = 0;
};

}  // namespace

QueueResult simulate_queue(const QueueParameters& p, const RunLength& length, FastRandom& random) {
  QueueResult result;
  const SizeSampler service(p.service);
  const double gap = 1 / p.arrival_rate;
  const double patience = p.abandon_rate > 0 ? 1 / p.abandon_rate : 0;
  const bool no_line = p.system_limit > 0 && p.system_limit <= p.servers;  // whoever is admitted starts at once
  TimeHeap free_at;  // when each server is next free, given who is in line
  free_at.fill(static_cast<std::size_t>(p.servers), 0.0);
  TimeHeap leaving;  // when each one in the system leaves; only with a limit
  double now = 0;
  double from = 0;
  double busy = 0;
  double waited = 0;
  double responded = 0;
  std::int64_t admitted = 0;
  std::int64_t delayed = 0;
  std::int64_t gave_up = 0;
  for (std::int64_t i = 0; i < length.warm_up + length.counted; ++i) {
    now += gap * random.exponential();
    const bool counted = i >= length.warm_up;
    if (i + 1 == length.warm_up) from = now;
    const double work = service(random);
    if (p.system_limit > 0) {
      while (!leaving.empty() && leaving.top() <= now) leaving.pop();
      if (static_cast<std::int64_t>(leaving.size()) >= p.system_limit) continue;
    }
    const double start = no_line ? now : std::max(now, free_at.top());
    double wait = start - now;
    double response = wait + work;
    bool served = true;
    if (p.abandon_rate > 0 && wait > 0) {
      const double limit = patience * random.exponential();
      if (limit < wait) {
        served = false;
        wait = response = limit;
      }
    }
    if (served && !no_line) free_at.replace_top(start + work);
    if (p.system_limit > 0) leaving.push(now + response);
    if (!counted) continue;
    ++admitted;
    waited += wait;
    responded += response;
    if (start > now) ++delayed;
    if (served) {
      busy += work;
    } else {
      ++gave_up;
    }
    result.waits.add(wait);
    result.responses.add(response);
  }
  const double span = now - from;
  const auto n = static_cast<double>(admitted);
  const auto arrived = static_cast<double>(length.counted);
  result.utilization = busy / (span * static_cast<double>(p.servers));
  result.mean_wait = waited / n;
  result.mean_response = responded / n;
  result.prob_wait = static_cast<double>(delayed) / n;
  result.blocking = 1 - n / arrived;
  result.abandoned = static_cast<double>(gave_up) / arrived;
  result.throughput = n / span;
  result.mean_in_queue = waited / span;
  result.mean_in_system = responded / span;
  return result;
}

QueueResult simulate_memoryless_queue(const QueueParameters& p, const RunLength& length, FastRandom& random) {
  PLIMSOLL_ASSERT(p.service.kind == SizeLaw::Kind::exponential && p.system_limit == 0 && p.abandon_rate == 0);
  const auto servers = static_cast<std::size_t>(p.servers);
  const double end_rate = 1 / p.service.mean;
  // With n services going on: mean time to the next event, and the chance that it is an arrival.
  std::vector<double> pause(servers + 1);
  std::vector<double> arrival_chance(servers + 1);
  for (std::size_t n = 0; n <= servers; ++n) {
    pause[n] = 1 / (p.arrival_rate + static_cast<double>(n) * end_rate);
    arrival_chance[n] = p.arrival_rate * pause[n];
  }
  struct Waiting {
    double since;
    bool counted;
  };
  std::vector<Waiting> line(64);  // a ring; grows by doubling
  std::size_t head = 0;
  std::size_t in_line = 0;
  QueueResult result;
  std::size_t busy = 0;
  double now = 0;
  double from = 0;
  double busy_time = 0;
  double waited = 0;
  double responded = 0;
  std::int64_t delayed = 0;
  std::int64_t started = 0;
  std::int64_t arrivals = 0;
  const auto begin = [&](double wait, bool counted) {
    if (!counted) return;
    ++started;
    const double response = wait + p.service.mean * random.exponential();
    waited += wait;
    responded += response;
    result.waits.add(wait);
    result.responses.add(response);
  };
  while (started < length.counted) {
    const double passed = pause[busy] * random.exponential();
    busy_time += static_cast<double>(busy) * passed;
    now += passed;
    if (random.uniform() < arrival_chance[busy]) {
      if (arrivals == length.warm_up) {
        from = now;
        busy_time = 0;
      }
      const bool counted = arrivals >= length.warm_up && arrivals < length.warm_up + length.counted;
      ++arrivals;
      if (busy < servers) {
        ++busy;
        begin(0, counted);
        continue;
      }
      delayed += counted ? 1 : 0;
      if (in_line == line.size()) {
        std::rotate(line.begin(), line.begin() + static_cast<std::ptrdiff_t>(head), line.end());
        head = 0;
        line.resize(2 * line.size());
      }
      line[(head + in_line++) & (line.size() - 1)] = {now, counted};
    } else if (in_line > 0) {
      const Waiting next = line[head];
      head = (head + 1) & (line.size() - 1);
      --in_line;
      begin(now - next.since, next.counted);
    } else {
      --busy;
    }
  }
  const double span = now - from;
  const auto n = static_cast<double>(length.counted);
  result.utilization = busy_time / (span * static_cast<double>(p.servers));
  result.mean_wait = waited / n;
  result.mean_response = responded / n;
  result.prob_wait = static_cast<double>(delayed) / n;
  result.throughput = n / span;
  result.mean_in_queue = waited / span;
  result.mean_in_system = responded / span;
  return result;
}

double simulate_wait_variance(double arrival_rate, double service_rate, std::int64_t paths, FastRandom& random) {
  PLIMSOLL_ASSERT(arrival_rate < service_rate);
  const double decay = service_rate - arrival_rate;
  const double highest = 20 / decay;  // beyond it the third moment has 3e-6 of its value
  constexpr std::size_t kCells = 8'192;
  const double cell = highest / static_cast<double>(kCells);
  const auto cell_after = [&](double x) {
    return x >= highest ? kCells : static_cast<std::size_t>(x / cell) + 1;  // first cell edge beyond x
  };
  // P(W > x) = mean of exp(-decay H(x)), where H(x) is the walk's first height above x.
  std::vector<double> tail(kCells + 1, 0.0);
  for (std::int64_t path = 0; path < paths; ++path) {
    double height = 0;
    double ladder = 0;
    std::size_t from = 0;
    while (ladder < highest) {
      height += random.exponential() / arrival_rate - random.exponential() / service_rate;
      if (height <= ladder) continue;
      ladder = height;
      const std::size_t until = cell_after(ladder);
      if (until == from) continue;
      const double weight = math::exp(-decay * ladder);
      tail[from] += weight;
      tail[until] -= weight;
      from = until;
    }
  }
  // Steps spent at each idle time L, and L summed over them.
  std::vector<double> steps_at(kCells + 1, 0.0);
  std::vector<double> idle_at(kCells + 1, 0.0);
  for (std::int64_t path = 0; path < paths; ++path) {
    double idle = 0;
    double wait = 0;
    std::int64_t steps = 0;
    while (idle < highest) {
      ++steps;
      wait += random.exponential() / service_rate - random.exponential() / arrival_rate;
      if (wait >= 0) continue;
      const std::size_t at = cell_after(idle) - 1;
      steps_at[at] += static_cast<double>(steps);
      idle_at[at] += static_cast<double>(steps) * idle;
      idle -= wait;
      wait = 0;
      steps = 0;
    }
  }
  const auto n = static_cast<double>(paths);
  double steps = 0;
  double idle = 0;
  double mean_w = 0;
  double mean_d = 0;
  double mean_ww = 0;
  double mean_wd = 0;
  for (std::size_t i = 0; i < kCells; ++i) {
    steps += steps_at[i];
    idle += idle_at[i];
    const double mass = -tail[i + 1] / n;  // P(W in this cell)
    const double w = cell * (static_cast<double>(i) + 0.5);
    const double d = (w * (steps - 0.5 * steps_at[i]) - (idle - 0.5 * idle_at[i])) / n;
    mean_w += mass * w;
    mean_d += mass * d;
    mean_ww += mass * w * w;
    mean_wd += mass * w * d;
  }
  return 2 * (mean_wd - mean_w * mean_d) - (mean_ww - mean_w * mean_w);
}

namespace {

struct InProgress {
  double finish;  ///< on the virtual clock
  double arrived;
  std::uint32_t of_class;
};

/// Heap of requests in progress, the next to finish on top.
class ProgressHeap {
 public:
  bool empty() const { return items_.empty(); }
  const InProgress& top() const { return items_.front(); }
  void push(const InProgress& item) {
    std::size_t at = items_.size();
    items_.push_back(item);
    while (at > 0) {
      const std::size_t parent = (at - 1) / 2;
      if (items_[parent].finish <= item.finish) break;
      items_[at] = items_[parent];
      at = parent;
    }
    items_[at] = item;
  }
  void pop() {
    const InProgress last = items_.back();
    items_.pop_back();
    const std::size_t n = items_.size();
    if (n == 0) return;
    std::size_t at = 0;
    while (true) {
      std::size_t child = 2 * at + 1;
      if (child >= n) break;
      if (child + 1 < n && items_[child + 1].finish < items_[child].finish) ++child;
      if (items_[child].finish >= last.finish) break;
      items_[at] = items_[child];
      at = child;
    }
    items_[at] = last;
  }

 private:
  std::vector<InProgress> items_;
};

}  // namespace

SharingResult simulate_sharing(const SharingRun& run, const RunLength& length, FastRandom& random) {
  const std::size_t classes = run.classes.size();
  PLIMSOLL_ASSERT(classes > 0);
  double total_rate = 0;
  std::vector<SizeSampler> demand;
  for (const SharingClass& c : run.classes) {
    total_rate += c.arrival_rate;
    demand.emplace_back(c.demand);
  }
  std::vector<Welford> responses(classes);
  SharingResult result;
  ProgressHeap heap;
  // Virtual time advances by speed / total weight; a request of weight g ends g^-1 x demand after its arrival on it.
  double virtual_now = 0;
  double weights = 0;
  std::int64_t in_progress = 0;
  double now = 0;
  double next_arrival = random.exponential() / total_rate;
  std::int64_t arrivals = 0;
  std::int64_t refused = 0;
  double used = 0;
  double from = 0;
  bool counting = length.warm_up == 0;
  const std::int64_t last = length.warm_up + length.counted;
  while (arrivals < last) {
    const double speed = std::min(static_cast<double>(in_progress) * run.cores_per_request, run.cap_cores);
    double next = next_arrival;
    bool departure = false;
    if (in_progress > 0) {
      const double end = now + (heap.top().finish - virtual_now) * weights / speed;
      if (end <= next) {
        next = end;
        departure = true;
      }
    }
    if (counting) {
      result.in_system.add(in_progress, next - now);
      used += speed * (next - now);
    }
    if (departure) {
      virtual_now = heap.top().finish;
      const InProgress done = heap.top();
      heap.pop();
      --in_progress;
      weights -= run.classes[done.of_class].weight;
      if (in_progress == 0) {
        weights = 0;
        virtual_now = 0;  // an empty system forgets its clock, which keeps it precise
      }
      if (counting && done.arrived >= from) {
        responses[done.of_class].add(next - done.arrived);
        result.responses.add(next - done.arrived);
      }
      now = next;
      continue;
    }
    if (in_progress > 0) virtual_now += (next - now) * speed / weights;
    now = next;
    next_arrival = now + random.exponential() / total_rate;
    ++arrivals;
    if (!counting && arrivals > length.warm_up) {
      counting = true;
      from = now;
    }
    std::uint32_t of_class = 0;
    if (classes > 1) {
      double at = random.uniform() * total_rate;
      while (of_class + 1 < classes && at >= run.classes[of_class].arrival_rate) {
        at -= run.classes[of_class].arrival_rate;
        ++of_class;
      }
    }
    const double work = demand[of_class](random);
    if (run.max_concurrency > 0 && in_progress >= run.max_concurrency) {
      if (counting) ++refused;
      continue;
    }
    heap.push({virtual_now + work / run.classes[of_class].weight, now, of_class});
    ++in_progress;
    weights += run.classes[of_class].weight;
  }
  Welford all;
  for (std::size_t c = 0; c < classes; ++c) {
    result.mean_response.push_back(responses[c].mean());
    result.response_variance.push_back(responses[c].variance());
    all.merge(responses[c]);
  }
  result.mean_response_all = all.mean();
  result.blocking = static_cast<double>(refused) / static_cast<double>(length.counted);
  result.cpu_used_cores = used / result.in_system.total();
  return result;
}

LevelShares simulate_unlimited(double arrival_rate, const SizeLaw& law, double warm_up, double spacing,
                               std::int64_t samples, FastRandom& random) {
  const SizeSampler service(law);
  const double end = warm_up + static_cast<double>(samples) * spacing;
  const double gap = 1 / arrival_rate;
  // change[i]: how many more are there at look i than at the one before
  std::vector<std::int32_t> change(static_cast<std::size_t>(samples) + 1, 0);
  const auto look_after = [&](double time) {
    if (time <= warm_up) return std::size_t{0};
    return static_cast<std::size_t>(std::min(std::ceil((time - warm_up) / spacing), static_cast<double>(samples)));
  };
  for (double now = gap * random.exponential(); now < end; now += gap * random.exponential()) {
    ++change[look_after(now)];
    --change[look_after(now + service(random))];
  }
  LevelShares shares;
  std::int64_t level = 0;
  for (std::int64_t i = 0; i < samples; ++i) {
    level += change[static_cast<std::size_t>(i)];
    shares.add(level, 1);
  }
  return shares;
}

Harmonic simulate_unlimited_periodic(double mean_rate, double beta, double period, const SizeLaw& law, double warm_up,
                                     std::int64_t periods, FastRandom& random) {
  constexpr std::size_t kLooks = 128;     // looks at the system in each period
  constexpr std::size_t kPieces = 1'024;  // of a period, with bounds of the rate, so that few sines are needed
  constexpr double kTwoPi = 6.283185307179586;
  const SizeSampler service(law);
  const double most = mean_rate * (1 + beta);
  const auto rate = [&](double phase) { return mean_rate * (1 + beta * math::sin(kTwoPi * phase)); };
  std::array<double, kPieces> low{};
  std::array<double, kPieces> high{};
  const double slack = mean_rate * beta * kTwoPi / static_cast<double>(kPieces);  // steepest change over a piece
  for (std::size_t i = 0; i < kPieces; ++i) {
    const double middle = rate((static_cast<double>(i) + 0.5) / static_cast<double>(kPieces));
    low[i] = (middle - slack / 2) / most;
    high[i] = (middle + slack / 2) / most;
  }
  const double skipped = std::ceil(warm_up / period);
  const double end = (skipped + static_cast<double>(periods)) * period;
  const double spacing = period / static_cast<double>(kLooks);
  const std::size_t looks = static_cast<std::size_t>(periods) * kLooks;
  const double begin = skipped * period;
  std::vector<std::int32_t> change(looks + 1, 0);
  const auto look_after = [&](double time) {
    if (time <= begin) return std::size_t{0};
    return std::min(static_cast<std::size_t>((time - begin) / spacing) + 1, looks);
  };
  const double gap = 1 / most;
  for (double now = gap * random.exponential(); now < end; now += gap * random.exponential()) {
    const double cycles = now / period;
    const double phase = cycles - std::floor(cycles);
    const auto piece = static_cast<std::size_t>(phase * static_cast<double>(kPieces));
    const double u = random.uniform();
    if (u >= high[piece]) continue;
    if (u >= low[piece] && u * most >= rate(phase)) continue;
    const std::size_t from = look_after(now);
    const std::size_t until = look_after(now + service(random));
    if (from != until) {
      ++change[from];
      --change[until];
    }
  }
  Harmonic result;
  std::int64_t level = 0;
  std::array<double, kLooks> by_phase{};
  for (std::size_t i = 0; i < looks; ++i) {
    level += change[i];
    by_phase[i % kLooks] += static_cast<double>(level);
  }
  for (std::size_t i = 0; i < kLooks; ++i) {
    const double angle = kTwoPi * static_cast<double>(i) / static_cast<double>(kLooks);
    result.mean += by_phase[i];
    result.sine += 2 * by_phase[i] * math::sin(angle);
    result.cosine += 2 * by_phase[i] * math::cos(angle);
  }
  const auto n = static_cast<double>(looks);
  result.mean /= n;
  result.sine /= n;
  result.cosine /= n;
  return result;
}

}  // namespace plimsoll::load
