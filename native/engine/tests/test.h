#pragma once

#include <functional>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

namespace exo::test {

struct Test {
  const char* name;
  std::function<void()> body;
};

/// All tests of the program, in no particular order.
std::vector<Test>& all_tests();

struct Registration {
  Registration(const char* name, std::function<void()> body) { all_tests().push_back({name, std::move(body)}); }
};

class Failure : public std::runtime_error {
  using std::runtime_error::runtime_error;
};

template <typename T>
std::string shown(const T& value) {
  std::ostringstream text;
  if constexpr (requires { text << value; }) text << value;
  else text << "(a value)";
  return text.str();
}

template <typename T>
std::string shown(const std::vector<T>& values) {
  std::string text = "[";
  for (const auto& value : values) text += (text.size() > 1 ? ", " : "") + shown(value);
  return text + "]";
}

[[noreturn]] inline void fail(const char* file, int line, const std::string& what) {
  throw Failure(std::string(file) + ":" + std::to_string(line) + ": " + what);
}

}  // namespace exo::test

#define EXO_JOIN_(a, b) a##b
#define EXO_JOIN(a, b) EXO_JOIN_(a, b)
/// TEST("expected behaviour") { ... }
#define TEST(title)                                                                                        \
  static void EXO_JOIN(test_body_, __LINE__)();                                                            \
  static const ::exo::test::Registration EXO_JOIN(test_, __LINE__)(title, EXO_JOIN(test_body_, __LINE__)); \
  static void EXO_JOIN(test_body_, __LINE__)()
#define CHECK(condition)                                                 \
  do {                                                                   \
    if (!(condition)) ::exo::test::fail(__FILE__, __LINE__, #condition); \
  } while (false)
#define CHECK_EQUAL(actual, ...)                                                                                                           \
  do {                                                                                                                                     \
    const auto& actual_ = (actual);                                                                                                        \
    const std::decay_t<decltype(actual_)> expected_ = __VA_ARGS__;                                                                         \
    if (!(actual_ == expected_))                                                                                                           \
      ::exo::test::fail(__FILE__, __LINE__, #actual " is " + ::exo::test::shown(actual_) + ", expected " + ::exo::test::shown(expected_)); \
  } while (false)
#define CHECK_THROWS(type, expression)                                                        \
  do {                                                                                        \
    bool has_thrown_ = false;                                                                 \
    try {                                                                                     \
      expression;                                                                             \
    } catch (const type&) {                                                                   \
      has_thrown_ = true;                                                                     \
    }                                                                                         \
    if (!has_thrown_) ::exo::test::fail(__FILE__, __LINE__, #expression " throws no " #type); \
  } while (false)
