#include "providers/http/headers.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <string>
#include <vector>

#include "planner/base/text.h"

namespace skep {

namespace {

std::optional<std::int64_t> number(std::string_view text) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || value < 0) return std::nullopt;
  return value;
}

std::optional<std::int64_t> number_in(const Response& response, std::string_view name) {
  const auto text = header(response, name);
  return text ? number(trim(*text)) : std::nullopt;
}

}  // namespace

std::optional<std::string_view> header(const Response& response, std::string_view name) {
  const auto found = response.headers.find(std::string(name));
  if (found == response.headers.end()) return std::nullopt;
  return found->second;
}

std::optional<WallTime> parse_http_date(std::string_view text) {
  constexpr std::array<std::string_view, 12> months = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                       "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const auto words = split(trim(text), ' ');
  if (words.size() != 6 || words[5] != "GMT") return std::nullopt;
  const auto time = split(words[4], ':');
  const auto* month = std::ranges::find(months, words[2]);
  if (time.size() != 3 || month == months.end()) return std::nullopt;
  const auto day = number(words[1]);
  const auto year = number(words[3]);
  const auto hours = number(time[0]);
  const auto minutes = number(time[1]);
  const auto seconds = number(time[2]);
  if (!day || !year || *year > 9999 || !hours || *hours > 23 || !minutes || *minutes > 59 || !seconds ||
      *seconds > 60) {
    return std::nullopt;
  }
  const std::chrono::year_month_day date(std::chrono::year(static_cast<int>(*year)),
                                         std::chrono::month(static_cast<unsigned>(month - months.begin()) + 1),
                                         std::chrono::day(static_cast<unsigned>(*day)));
  if (!date.ok()) return std::nullopt;
  return std::chrono::sys_days(date) + std::chrono::hours(*hours) + std::chrono::minutes(*minutes) +
         std::chrono::seconds(*seconds);
}

std::optional<Duration> retry_after(const Response& response, WallTime now) {
  const auto text = header(response, "retry-after");
  if (!text) return std::nullopt;
  constexpr std::int64_t longest_seconds = 365LL * 24 * 3600;
  if (const auto seconds = number(trim(*text))) return std::chrono::seconds(std::min(*seconds, longest_seconds));
  const auto date = parse_http_date(*text);
  if (!date) return std::nullopt;
  return std::max(Duration(*date - now), Duration::zero());
}

Duration RateReading::one_more(WallTime now, ResetMeaning meaning, Duration longest) const {
  constexpr Duration shortest = std::chrono::seconds(1);
  if (!reset || *reset <= now) return shortest;
  Duration wait = *reset - now;
  if (meaning == ResetMeaning::full) wait /= std::max<std::int64_t>(limit - remaining, 1);
  return std::clamp(wait, shortest, std::max(longest, shortest));
}

std::optional<RateReading> rate_reading(const Response& response) {
  const auto limit = number_in(response, "ratelimit-limit");
  const auto remaining = number_in(response, "ratelimit-remaining");
  if (!limit || !remaining || *limit == 0) return std::nullopt;
  RateReading reading{*limit, std::min(*remaining, *limit), {}};
  constexpr std::int64_t year_9999 = 253402300799;
  if (const auto reset = number_in(response, "ratelimit-reset"); reset && *reset <= year_9999) {
    reading.reset = WallTime(std::chrono::seconds(*reset));
  }
  return reading;
}

}  // namespace skep
