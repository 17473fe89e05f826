// Putting URLs together: a base, a path, a query. The base is the user's and may hold a prefix ("http://host/v1").
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace skep {

/// A query in the order it is written; a name may occur often ("id=1&id=2").
using Query = std::vector<std::pair<std::string, std::string>>;

/// All but A-Z a-z 0-9 - . _ ~ as %XX (RFC 3986 section 2.3).
std::string percent_encode(std::string_view text);

/// "http://host/v1" + "/servers" + {{"page", "1"}} is "http://host/v1/servers?page=1"; a '/' at the end of the base is
/// dropped. The path must be encoded already.
std::string url_of(std::string_view base, std::string_view path, const Query& query = {});

}  // namespace skep
