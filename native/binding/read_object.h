#pragma once

#include <napi.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

// Reads members of JavaScript objects as C++ values. The facade has validated them, so an error here is a bug in the
// facade.

namespace exo {

inline double number(const Napi::Object& object, const char* key) { return object.Get(key).As<Napi::Number>().DoubleValue(); }
inline int32_t integer(const Napi::Object& object, const char* key) { return object.Get(key).As<Napi::Number>().Int32Value(); }
inline int64_t large(const Napi::Object& object, const char* key) { return object.Get(key).As<Napi::Number>().Int64Value(); }
inline float real(const Napi::Object& object, const char* key) { return static_cast<float>(number(object, key)); }
inline bool flag(const Napi::Object& object, const char* key) { return object.Get(key).As<Napi::Boolean>().Value(); }
inline std::string text(const Napi::Object& object, const char* key) { return object.Get(key).As<Napi::String>().Utf8Value(); }
inline Napi::Object child(const Napi::Object& object, const char* key) { return object.Get(key).As<Napi::Object>(); }
inline bool has(const Napi::Object& object, const char* key) { return !object.Get(key).IsNull() && !object.Get(key).IsUndefined(); }

inline std::vector<float> floats(const Napi::Object& object, const char* key) {
  const auto array = object.Get(key).As<Napi::Float32Array>();
  return {array.Data(), array.Data() + array.ElementLength()};
}

template <typename Convert>
auto list(const Napi::Object& object, const char* key, Convert convert) {
  const auto array = object.Get(key).As<Napi::Array>();
  std::vector<decltype(convert(array.Get(0u)))> values;
  values.reserve(array.Length());
  for (uint32_t i = 0; i < array.Length(); ++i) values.push_back(convert(array.Get(i)));
  return values;
}

template <typename Convert>
auto optional(const Napi::Object& object, const char* key, Convert convert) {
  return has(object, key) ? std::optional(convert(object.Get(key))) : std::nullopt;
}

inline int32_t to_integer(const Napi::Value& value) { return value.As<Napi::Number>().Int32Value(); }
inline std::string to_text(const Napi::Value& value) { return value.As<Napi::String>().Utf8Value(); }

}  // namespace exo
