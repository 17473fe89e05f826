#include "planner/system/os_error.h"

#include <gtest/gtest.h>

#include <cerrno>

namespace skep {
namespace {

TEST(OsError, SaysWhatItMeansForTheCaller) {
  const std::pair<int, ErrorCode> cases[] = {
      {ENOENT, ErrorCode::not_found},   {ENOTDIR, ErrorCode::not_found},    {EACCES, ErrorCode::denied},
      {EPERM, ErrorCode::denied},       {EROFS, ErrorCode::denied},         {ENOSPC, ErrorCode::exhausted},
      {EDQUOT, ErrorCode::exhausted},   {EISDIR, ErrorCode::invalid_input}, {ELOOP, ErrorCode::invalid_input},
      {ENOTEMPTY, ErrorCode::conflict}, {EEXIST, ErrorCode::conflict},      {EIO, ErrorCode::unavailable},
      {EMFILE, ErrorCode::unavailable}, {ENOMEM, ErrorCode::unavailable}};
  for (const auto& [number, code] : cases) EXPECT_EQ(os_error(number, "x").code, code) << number;
}

TEST(OsError, ReadsFromTheOutsideInAndHelpsWhereItCan) {
  EXPECT_EQ(os_error(EACCES, "read /x").message, "read /x: permission denied");
  EXPECT_EQ(os_error(EACCES, "read /x").hint, "");
  EXPECT_NE(os_error(ENOSPC, "x").hint, "");
  EXPECT_NE(os_error(EMFILE, "x").hint, "");
}

}  // namespace
}  // namespace skep
