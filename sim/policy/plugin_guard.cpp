#include "sim/policy/plugin_guard.h"

#include <unistd.h>

#include <csignal>
#include <cstring>
#include <memory>

#include "sim/policy/custom_policy.h"

namespace plimsoll {

namespace {

/// What is being called, for the signal handler.
struct CallInProgress {
  const char* what = nullptr;
  const char* name = nullptr;
  const char* file = nullptr;
  const char* expected = nullptr;
};
thread_local CallInProgress calling;

/// A stack of its own for the handler, since the thread's may be what ran out. Made with the first call of a thread.
class HandlerStack {
 public:
  HandlerStack() : memory_(std::make_unique<char[]>(kBytes)) {
    stack_t stack{};
    stack.ss_sp = memory_.get();
    stack.ss_size = kBytes;
    ::sigaltstack(&stack, nullptr);
  }
  ~HandlerStack() {
    stack_t none{};
    none.ss_flags = SS_DISABLE;
    ::sigaltstack(&none, nullptr);
  }
  HandlerStack(const HandlerStack&) = delete;
  HandlerStack& operator=(const HandlerStack&) = delete;

 private:
  static constexpr std::size_t kBytes = 65'536;
  std::unique_ptr<char[]> memory_;
};

void write_text(const char* text) { static_cast<void>(!::write(STDERR_FILENO, text, std::strlen(text))); }

const char* name_of(int signal) {
  switch (signal) {
    case SIGSEGV:
      return "SIGSEGV";
    case SIGBUS:
      return "SIGBUS";
    case SIGFPE:
      return "SIGFPE";
    case SIGILL:
      return "SIGILL";
    default:
      return "SIGABRT";
  }
}

void crashed(int signal) {
  if (calling.what != nullptr) {
    // Only what is safe in a signal handler.
    for (const char* text :
         {"error: ", calling.what, " '", calling.name, "' of plugin ", calling.file, " crashed in its call (",
          name_of(signal), ")\n  hint: expected: ", calling.expected, "\n"})
      write_text(text);
    ::_exit(1);
  }
  std::signal(signal, SIG_DFL);
  std::raise(signal);
}

}  // namespace

PluginCall::PluginCall(const char* what, const char* name, const char* file, const char* expected) {
  thread_local const HandlerStack stack;
  calling = {what, name, file, expected};
}

PluginCall::~PluginCall() { calling = {}; }

void report_plugin_crashes() {
  struct sigaction action {};
  action.sa_handler = crashed;
  action.sa_flags = SA_ONSTACK;
  ::sigemptyset(&action.sa_mask);
  for (const int signal : {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT}) ::sigaction(signal, &action, nullptr);
}

}  // namespace plimsoll
