// Errors as values: every call that can fail returns Result<T>, and TRY passes an error on.
#pragma once

#include <cassert>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

namespace skep {

/// One code per reaction of the caller, not per cause.
enum class ErrorCode {
  invalid_input,    // the user must change the spec, a flag or a credential
  refused,          // a safety rule forbids it; the user must decide
  denied,           // the credential is valid but lacks a permission
  not_found,        // what was asked for does not exist
  conflict,         // another party holds or changed it; read again, then decide
  exhausted,        // no capacity or quota: another type or place may do, waiting will not
  unavailable,      // nothing happened; the same call may succeed later
  unknown_outcome,  // it may or may not have happened; look before repeating
  cancelled,        // the user asked us to stop
  internal,         // a bug in skep or in a plugin
};

/// One line that reads from the outside in and ends in the cause, and what the user can do about it (may be empty).
struct [[nodiscard]] Error {
  ErrorCode code = ErrorCode::internal;
  std::string message;
  std::string hint = {};

  /// The same error with "what: " before its message.
  Error doing(std::string_view what) && {
    message.insert(0, std::string(what) + ": ");
    return std::move(*this);
  }
  bool operator==(const Error&) const = default;
};

/// A value or an Error. Asking for the one that is not there is a bug and asserts.
template <class T>
class [[nodiscard]] Result {
 public:
  Result(T value) : content_(std::move(value)) {}                              // NOLINT(google-explicit-constructor)
  Result(Error error) : content_(std::in_place_index<1>, std::move(error)) {}  // NOLINT(google-explicit-constructor)

  bool ok() const { return content_.index() == 0; }
  const T& value() const& { return assert(ok()), std::get<0>(content_); }
  T& value() & { return assert(ok()), std::get<0>(content_); }
  T value() && { return assert(ok()), std::get<0>(std::move(content_)); }
  const Error& error() const& { return assert(!ok()), std::get<1>(content_); }
  Error error() && { return assert(!ok()), std::get<1>(std::move(content_)); }
  T value_or(T other) && { return ok() ? std::get<0>(std::move(content_)) : std::move(other); }

  /// Adds what was being done, where the reader would otherwise ask "while doing what?".
  Result doing(std::string_view what) && {
    return ok() ? std::move(*this) : Result(std::get<1>(std::move(content_)).doing(what));
  }

 private:
  std::variant<T, Error> content_;
};

template <>
class [[nodiscard]] Result<void> {
 public:
  Result() = default;
  Result(Error error) : error_(std::move(error)), ok_(false) {}  // NOLINT(google-explicit-constructor)

  bool ok() const { return ok_; }
  void value() const { assert(ok_); }
  const Error& error() const& { return assert(!ok_), error_; }
  Error error() && { return assert(!ok_), std::move(error_); }

  Result doing(std::string_view what) && { return ok_ ? Result() : Result(std::move(error_).doing(what)); }

 private:
  Error error_;
  bool ok_ = true;
};

}  // namespace skep

#define SKEP_JOIN_2_(a, b) a##b
#define SKEP_JOIN_(a, b) SKEP_JOIN_2_(a, b)
#define SKEP_TRY_(expr, name)                       \
  __extension__({                                   \
    auto name = (expr);                             \
    if (!name.ok()) return std::move(name).error(); \
    std::move(name).value();                        \
  })

/// The value of a Result, or return its error from the enclosing function. Nests. Inside braces it may only be the
/// first thing: when it returns, g++ 12 does not destroy the members before it (GCC bug 66139), which leaks them.
#define TRY(expr) SKEP_TRY_(expr, SKEP_JOIN_(skep_try_, __COUNTER__))
