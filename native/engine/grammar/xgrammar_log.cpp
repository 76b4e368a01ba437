#include "xgrammar_log.h"

#include <string>

// What xgrammar would print: its fatal errors are thrown. Its warnings concern keywords that it ignores; answers are checked for those.
namespace xgrammar {

[[noreturn]] void LogFatalImpl(const std::string&, int, const std::string& message) { throw exo::GrammarRefused(message); }

void LogMessageImpl(const std::string&, int, int, const std::string&) {}

}  // namespace xgrammar
