/// What programs do on a mount whose daemons are killed: each checks itself and fails where anything is not as it must be.
enum ChangeWorkload {
    /// A script of bash; IN is where, ROUND a number of its own.
    static let script = """
        cd "$IN"; mkdir "r$ROUND"; cd "r$ROUND"
        export GIT_CONFIG_NOSYSTEM=1 HOME=/nonexistent GIT_AUTHOR_NAME=a GIT_AUTHOR_EMAIL=a@b GIT_COMMITTER_NAME=a GIT_COMMITTER_EMAIL=a@b
        # A repository: commits, a clone, a collection, a check.
        git init -q one; cd one
        for i in 1 2 3; do for f in $(seq 40); do echo "$i $f" > "file$f"; done; git add .; git commit -qm "$i"; done
        cd ..; git clone -q one two; git -C two gc -q; git -C two fsck --strict --no-progress; diff -r -x .git one two
        # A build of twenty objects.
        mkdir build; for f in $(seq 20); do echo "int f$f(void) { return $f; }" > "build/f$f.c"; done
        printf 'all: $(patsubst %%.c,%%.o,$(wildcard *.c))\\n\\tar rcs all.a $^\\n' > build/Makefile
        make -s -j3 -C build; test "$(ar t build/all.a | wc -l)" = 20
        # A database with a write-ahead log.
        python3 - <<'END'
        import sqlite3
        base = sqlite3.connect('base'); base.execute('pragma journal_mode=wal'); base.execute('pragma synchronous=full')
        base.execute('create table t (n integer primary key)')
        for number in range(60):
            with base: base.execute('insert into t values (?)', (number,))
        assert base.execute('select count(*), sum(n) from t').fetchone() == (60, 1770)
        assert base.execute('pragma integrity_check').fetchone() == ('ok',)
        END
        # A log that is followed.
        touch log; timeout 20 tail -q -n +1 -f log --pid=$$ > ../followed$ROUND & tail=$!
        for i in $(seq 100); do echo "line $i" >> log; done
        test "$(wc -l < log)" = 100
        for i in $(seq 400); do [ "$(wc -l < ../followed$ROUND)" = 100 ] && break; timeout 0.05 tail -f /dev/null || true; done
        kill $tail; cmp log ../followed$ROUND
        cd ..; rm -r "r$ROUND" "followed$ROUND"
        """
}
