#include <cstdio>
#include <string_view>

#include "test.h"

namespace exo::test {

std::vector<Test>& all_tests() {
  static std::vector<Test> tests;
  return tests;
}

}  // namespace exo::test

/// Runs all tests, or those whose title contains the argument.
int main(int count, char** arguments) {
  const std::string_view part = count > 1 ? arguments[1] : "";
  int passed = 0, failed = 0;
  for (const auto& test : exo::test::all_tests()) {
    if (std::string_view(test.name).find(part) == std::string_view::npos) continue;
    try {
      test.body();
      ++passed;
    } catch (const std::exception& error) {
      ++failed;
      std::printf("FAILED %s\n  %s\n", test.name, error.what());
    }
  }
  std::printf("%d passed, %d failed\n", passed, failed);
  return failed == 0 ? 0 : 1;
}
