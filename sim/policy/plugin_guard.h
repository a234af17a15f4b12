#pragma once

namespace plimsoll {

/// While it lives, a crash on this thread is reported with these words instead of as the program's own: "error: <what>
/// '<name>' of plugin <file> crashed in its call", and what was expected of it; the program ends with exit code 1. A
/// stack that has run over is a crash like others. The texts must outlive the guard. One a thread at a time.
class PluginCall {
 public:
  PluginCall(const char* what, const char* name, const char* file, const char* expected);
  ~PluginCall();
  PluginCall(const PluginCall&) = delete;
  PluginCall& operator=(const PluginCall&) = delete;
};

}  // namespace plimsoll
