# usage: collation.pl PROBE LOCPATH…    Which LOCPATH sorts as the primary does?
# PROBE: {"words":[…],"orders":[{"locale":"en_US.UTF-8","order":[3,1,2]}, …]}: for each locale the words
# as the primary sorted them, counted from 1. An empty LOCPATH means Debian's own locales.
# Prints the number (from 0) of the closest LOCPATH, a tab, and the locales that it sorts differently.
# `sort` calls strcoll as the server does, and compares bytes where strcoll finds two words equal.
use strict;
use warnings;
use IPC::Open2;
use JSON::PP;
use POSIX qw(setlocale LC_COLLATE);

my ($file, @paths) = @ARGV;
open my $in, '<:raw', $file or die "$file: $!\n";
my $probe = decode_json(do { local $/; <$in> });

# The number of pairs in the opposite order; all pairs when the locale does not exist here.
sub distance {
    my ($locale, $order) = @_;
    my @primary = map { my $word = $probe->{words}[$_ - 1]; utf8::encode($word); $word } @$order;
    my $pairs = @primary * (@primary - 1) / 2;
    local $ENV{LC_ALL} = $locale;
    return $pairs || 1 unless setlocale(LC_COLLATE, $locale);
    my $pid = open2(my $out, my $to, 'sort');
    print $to map { "$_\n" } @primary;
    close $to;
    chomp(my @here = <$out>);
    waitpid $pid, 0;
    my %rank;
    @rank{@here} = 0 .. $#here;
    my $wrong = 0;
    for my $i (0 .. $#primary) {
        $wrong += grep { $rank{ $primary[$i] } > $rank{ $primary[$_] } } $i + 1 .. $#primary;
    }
    return $wrong;
}

my ($best, $least, @otherwise);
for my $n (0 .. $#paths) {
    my ($sum, @differ) = (0);
    for my $one (@{ $probe->{orders} }) {
        local $ENV{LOCPATH} = $paths[$n];
        my $wrong = distance($one->{locale}, $one->{order}) or next;
        $sum += $wrong;
        push @differ, $one->{locale};
    }
    next if defined $least && $sum >= $least;
    ($best, $least, @otherwise) = ($n, $sum, @differ);
}
printf "%d\t%s\n", $best, join ', ', @otherwise;
