/// Names of every length and byte, and deep paths.
let namesFamily = Family(
    "Names",
    [
        .shell(
            "names of every length",
            #"""
            for n in 1 100 254 255 256; do name=$(head -c $n /dev/zero | tr '\0' n); echo $n > "$name" && cat "$name"; done 2>&1 | sed 's/nnnn*/N/g'
            mkdir "$(head -c 255 /dev/zero | tr '\0' d)"; ls | awk '{print length($0)}'
            """#
        ),
        .shell(
            "names of every byte",
            #"""
            perl -e 'for (1..255) { next if $_ == 47; my $n = "x" . chr($_); open(my $f, ">", $n) or print "$_ $!\n"; print $f $_ } opendir(D, "."); my @n = sort grep { /^x/ } readdir D; print scalar(@n), "\n";
            for (@n) { open(my $f, "<", $_) or print "lost\n"; print ord(substr($_, 1)) == <$f> ? "" : "wrong\n" }'
            touch -- '-rf' ' ' '*' 'a b' $'new\nline' $'\xff\xfe' $'\xc3\x28'; ls -b; rm -- '-rf' ' ' $'\xff\xfe'; ls -b | wc -l
            """#
        ),
        .shell(
            "deep paths",
            #"""
            p=.; for i in $(seq 200); do p=$p/directory$i; done; mkdir -p $p && echo deep > $p/f; cat $p/f; find . -type d | wc -l; (cd $p && echo more >> f && pwd -P | grep -c directory200); mv directory1 other; find other -name f -exec cat {} +
            perl -e 'for (1..30) { mkdir "n" x 200; chdir "n" x 200 or die } open F, ">", "end" or print "$!\n"; print F "bottom"; close F; open F, "end"; print <F>, "\n"'; rm -r nnn*; ls
            """#
        ),
        .python(
            "what the kernel refuses and what it does not",
            #"""
            for n in (b"n" * 255, b"n" * 256, b"\xc3" * 255, b"\xff", b"a\nb", b" ", b"...", b"..a", b"a.", b"\x01", b"-rf", b"*?"): attempt(repr(n[:12]), lambda: os.close(os.open(n, os.O_CREAT | os.O_WRONLY))); attempt("there", lambda: os.stat(n).st_size)
            say(sorted(os.listdir(b".")) == sorted(n for n in os.listdir(b"."))); say(len(os.listdir(b"."))); path = b"/".join([b"d" * 200] * 25)
            attempt("too long", os.mkdir, path); os.mkdir("deep"); top = os.open(".", os.O_RDONLY); d = os.open("deep", os.O_RDONLY)
            for i in range(60): os.mkdir(b"d" * 200, dir_fd=d); d = os.open(b"d" * 200, os.O_RDONLY, dir_fd=d)
            f = os.open("bottom", os.O_CREAT | os.O_WRONLY, dir_fd=d); os.write(f, b"x"); say(os.stat("bottom", dir_fd=d).st_size); os.fchdir(d); attempt("up", lambda: len(os.listdir("../.."))); os.chdir("../../.."); attempt("cwd", lambda: len(os.getcwd()) > 4096); os.fchdir(top); say(subprocess.call(["rm", "-rf", "deep"]))
            """#
        ),
    ])
