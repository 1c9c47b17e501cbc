#pragma once
/// Who may talk to the editor.

#include <httplib.h>
#include <pix2pixhd/core/error.hpp>

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

namespace tools::edit {

/// Names of machines mean the same in capitals; browsers write them without.
inline std::string in_lower_case(std::string name) {
  for (char& c : name)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return name;
}

/// Whether an address is one that only programs of this machine reach.
inline bool is_loopback(const std::string& host) {
  const std::string name = in_lower_case(host);
  return name == "localhost" || name == "::1" || name.starts_with("127.");
}

/// Host and port as addresses and requests name them: an address of IPv6 stands in brackets.
inline std::string authority(const std::string& host, int port) {
  const bool colons = host.find(':') != std::string::npos;
  return pix2pixhd::detail::sentence(colons ? "[" : "", host, colons ? "]" : "", ":", port);
}

/// Lets through what comes from the page itself: the host that was asked for is ours (a page elsewhere whose name was
/// made to point here is not), the origin, where a browser states one, is ours too, and the token is right.
class Guard {
 public:
  Guard(std::string token, const std::string& host, int port) : token_(std::move(token)) {
    for (const std::string& name : {host, std::string("localhost"), std::string("127.0.0.1"), std::string("::1")}) {
      hosts_.push_back(in_lower_case(authority(name, port)));
      constexpr int usual = 80;  // browsers leave this port out
      if (port == usual) hosts_.push_back(hosts_.back().substr(0, hosts_.back().rfind(':')));
    }
    any_ = host == "0.0.0.0" || host == "::";  // then the machine has names that are not known here
  }

  /// Why a request is refused; empty if it is not.
  std::string refusal(const httplib::Request& request) const {
    const std::string host = in_lower_case(request.get_header_value("Host"));
    if (!any_ && std::find(hosts_.begin(), hosts_.end(), host) == hosts_.end())
      return "This address is not the editor's; use the one that it printed.";
    if (request.has_header("Origin") && in_lower_case(request.get_header_value("Origin")) != "http://" + host)
      return "Requests from other pages are refused.";
    const std::string token =
        request.has_header("X-Token") ? request.get_header_value("X-Token") : request.get_param_value("token");
    if (!same(token, token_)) return "The token is missing or wrong; use the address that the editor printed.";
    return {};
  }

 private:
  /// Takes as long for a wrong token as for the right one.
  static bool same(std::string_view a, std::string_view b) {
    if (a.size() != b.size()) return false;
    unsigned difference = 0;
    for (std::size_t i = 0; i < a.size(); ++i)
      difference |= static_cast<unsigned>(static_cast<unsigned char>(a[i]) ^ static_cast<unsigned char>(b[i]));
    return difference == 0;
  }

  std::string token_;
  std::vector<std::string> hosts_;
  bool any_ = false;
};

}  // namespace tools::edit
