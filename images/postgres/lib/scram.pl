# stdin: the stored verifier (may be empty), a newline, the password.
# Prints nothing when they match, else a new SCRAM-SHA-256 verifier. ALTER ROLE gets the verifier because
# its text can appear in logs and statistics. The password comes on stdin because argv is public.
use strict;
use warnings;
use Digest::SHA qw(hmac_sha256 sha256);
use MIME::Base64 qw(encode_base64 decode_base64);

sub verifier {
    my ($password, $salt, $iterations) = @_;
    my $block = my $salted = hmac_sha256($salt . pack('N', 1), $password);
    for (2 .. $iterations) {
        $block = hmac_sha256($block, $password);
        $salted ^= $block;
    }
    my $stored = sha256(hmac_sha256('Client Key', $salted));
    my $server = hmac_sha256('Server Key', $salted);
    my ($s, $k, $v) = map { encode_base64($_, '') } $salt, $stored, $server;
    return "SCRAM-SHA-256\$$iterations:$s\$$k:$v";
}

chomp(my $present = <STDIN> // '');
local $/;
my $password = <STDIN> // '';
$password =~ s/\r?\n\z//;

if ($present =~ /^SCRAM-SHA-256\$(\d+):([^\$]+)\$/) {
    exit 0 if verifier($password, decode_base64($2), $1) eq $present;
}
open my $random, '<:raw', '/dev/urandom' or die "no randomness: $!\n";
local $/ = \16;
print verifier($password, scalar <$random>, 4096);
