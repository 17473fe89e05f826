// Small text tools: splitting, joining, quoting, suggestions, and durations and sizes as people write them.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace skep {

std::vector<std::string> split(std::string_view text, char separator);  // "a,,b" -> {"a", "", "b"}; "" -> {}
std::vector<std::string> split_lines(std::string_view text);            // without line ends; no empty last line
std::string join(std::span<const std::string> parts, std::string_view separator);
inline bool is_digit(char c) { return c >= '0' && c <= '9'; }
std::string lower_case(std::string_view text);  // A to Z only
std::string_view trim(std::string_view text);   // blanks, tabs and line ends at both sides
std::string replace_all(std::string text, std::string_view from, std::string_view to);

/// For one word of a POSIX shell command line, quoted where it needs to be.
std::string shell_quote(std::string_view word);

/// The candidate that is likely meant by `word`: smallest edit distance, at most a third of its length. None otherwise.
std::optional<std::string> closest(std::string_view word, std::span<const std::string> candidates);

/// "30s", "10m", "2h", "500ms", "1h30m". None for anything else, for negatives and for more than a year.
std::optional<std::chrono::milliseconds> parse_duration(std::string_view text);
/// "0.4 s", "42 s", "3 min 20 s", "2 h 5 min": for people.
std::string human_duration(std::chrono::milliseconds duration);

/// "50GB" (10^9), "512MiB" (2^20), "1TB", "64KiB", "100B". None for anything else or more than 2^60.
std::optional<std::uint64_t> parse_size(std::string_view text);
std::string human_size(std::uint64_t bytes);  // "512 MiB", "50.0 GB" style, for people

/// 1 node, 2 nodes.
std::string count_of(std::size_t count, std::string_view singular);

/// Numbers inside names compare as numbers: worker-2 before worker-10.
bool natural_less(std::string_view left, std::string_view right);

}  // namespace skep
