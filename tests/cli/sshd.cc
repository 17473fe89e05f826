// The private sshd of tests/provisioners/ssh, for the tests of `skep ssh`.
#include "tests/provisioners/ssh/sshd.cc"
