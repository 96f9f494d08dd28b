/// Directories: made, removed, read, sought in.
let directoriesFamily = Family(
    "Directories",
    [
        .shell(
            "a directory read while it is emptied",
            #"""
            seq 1 2500 | xargs touch; ls | wc -l; perl -e 'opendir(D, "."); my $n = 0; while (my $e = readdir D) { next if $e =~ /^\./; unlink $e and $n++ } print "$n\n"; rewinddir D; my @left = grep { !/^\./ } readdir D; print scalar(@left), "\n"'
            mkdir -p a/b/c; touch a/b/c/{1..50}; rm -r a; ls -A
            """#
        ),
        .shell(
            "a removed directory that somebody is in",
            #"""
            mkdir -p a/b c d; for e in a/b c; do (cd $e; stat -c '%F %h' .; rmdir ../${e##*/}; stat -c '%F %h %a' .; ls -A .; echo $?; touch x; mkdir y; chmod 711 .; stat -c %a .; stat -c %F ..; setfattr -n user.a -v b .; getfattr -n user.a --only-values .; ls -A | wc -l); done
            (cd d; mkdir ../e; mv -T ../e ../d; stat -c %h .; touch x; ls -A ../d); ls; perl -e 'mkdir "o"; opendir(D, "o"); rmdir "o"; my @e = readdir D; print scalar(@e), "\n"'
            """#
        ),
        .shell(
            "directory positions",
            #"""
            for i in $(seq 1000); do echo > "name-with-some-length-$i"; done
            perl -e 'opendir(D, "."); my @all; my @where; while (1) { push @where, telldir D; my $e = readdir D; last unless defined $e; push @all, $e } print scalar(@all), "\n";
            my $bad = 0; for my $i (5, 17, 400, 900, 999) { seekdir(D, $where[$i]); my $e = readdir D; $bad++ if $e ne $all[$i] } print "bad $bad\n"; my %s; $s{$_}++ for @all; print scalar(keys %s), "\n"; rewinddir D; my @again = readdir D; print scalar(@again), "\n"'
            ls -U | head -3 | wc -l; find . -type f | wc -l; rm -f name*; ls | wc -l
            """#
        ),
        .shell(
            "make and remove directories",
            #"""
            mkdir a a/b; mkdir a; rmdir a; rmdir a/b a; echo x > f; rmdir f; mkdir f; mkdir f/x; rm -d f; unlink none; mkdir -p p/q/r; perl -e 'unlink("p") or print "$!\n"; rmdir("p/.") or print "$!\n"; rmdir("p/q/r/..") or print "$!\n"; mkdir("p/..") or print "$!\n"'
            stat -c '%n %h' p p/q p/q/r; mkdir p/z; stat -c %h p; rmdir p/z; stat -c %h p
            """#
        ),
    ])
