#include "models/kubernetes/kubelet/crash_loop_backoff.h"

namespace plimsoll::kubernetes {

RestartRule crash_loop_backoff() {
  RestartRule rule;
  rule.kind = RestartRule::Kind::backoff;
  rule.first = seconds(10);
  rule.longest = seconds(300);
  rule.reset_after = minutes(10);
  rule.sync = seconds(15);
  return rule;
}

}  // namespace plimsoll::kubernetes
