#include "sim/cli/explain.h"

#include <cstdio>

#include "sim/cli/terminal.h"

namespace plimsoll::cli {

namespace {

/// The form that the options name; exactly one.
Explanation answer(Subject& subject, const ExplainArguments& a, const report::TerminalStyle& style) {
  if (!a.pod.empty()) return explain_pod(subject, a, style);
  if (!a.node.empty()) return explain_node(subject, a, style);
  if (!a.fit.empty()) return explain_fit(subject, a, style);
  if (!a.scale_up.empty()) return explain_scale_up(subject, a, style);
  if (!a.service.empty()) return explain_service(subject, a, style);
  if (!a.alarm.empty()) return explain_alarm(subject, a, style);
  if (!a.capacity_provider.empty()) return explain_capacity_provider(subject, a, style);
  return explain_instant(subject, a, style);
}

}  // namespace

int run_explain(const Registry& registry, const ExplainArguments& a) {
  int forms = 0;
  for (const std::string* form : {&a.pod, &a.node, &a.fit, &a.scale_up, &a.service, &a.alarm, &a.capacity_provider})
    forms += form->empty() ? 0 : 1;
  if (forms > 1 || (forms == 0 && a.at.empty())) {
    std::fprintf(stderr,
                 "error: %s\n  hint: one of --pod, --task, --node, --service, --alarm, --capacity-provider, "
                 "--scale-up, --fit, or --at alone\n",
                 forms > 1 ? "one question at a time" : "say what to explain");
    return kBadInput;
  }
  try {
    Subject subject(registry, a);
    const Explanation e = answer(subject, a, terminal_style());
    std::fputs(a.format == "json" ? e.json.c_str() : e.text.c_str(), stdout);
    return kDone;
  } catch (const ExplainError& e) {
    if (*e.what() != '\0') std::fprintf(stderr, "error: %s\n", e.what());
    if (!e.hint.empty()) std::fprintf(stderr, "  hint: %s\n", e.hint.c_str());
    return kBadInput;
  }
}

}  // namespace plimsoll::cli
