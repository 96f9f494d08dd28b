/// What programs do on a mount whose daemons are killed: each checks itself and fails where anything is not as it must be.
enum ChangeWorkload {
    /// A script of bash; IN is where, ROUND a number of its own.
    static let script = """
        cd "$IN"; mkdir "r$ROUND"; cd "r$ROUND"
        export GIT_CONFIG_NOSYSTEM=1 HOME=/nonexistent GIT_AUTHOR_NAME=a GIT_AUTHOR_EMAIL=a@b GIT_COMMITTER_NAME=a GIT_COMMITTER_EMAIL=a@b
        # A file that is written through a mapping and another that is locked, all along.
        mkfifo ready
        python3 - <<'END' & keeper=$!
        import fcntl, mmap, os, signal
        signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGTERM])
        lock = os.open('lock', os.O_RDWR | os.O_CREAT, 0o644); fcntl.flock(lock, fcntl.LOCK_EX)
        size = 4 << 20; wanted = bytearray(size)
        stored = os.open('mapped', os.O_RDWR | os.O_CREAT, 0o644); os.ftruncate(stored, size); mapped = mmap.mmap(stored, size)
        with open('ready', 'w') as ready: ready.write('it is\\n')
        number = 0
        while signal.sigtimedwait([signal.SIGTERM], 0.001) is None:
            for i in range(16):
                number += 1; at = number * 4093 * 8 % size
                mapped[at:at + 8] = wanted[at:at + 8] = b'%08d' % (number % 10 ** 8)
            assert os.pread(stored, 8, at) == wanted[at:at + 8], 'read(2) and the mapping differ'
            if number % 4096 == 0: mapped.flush()
            if number % 512 == 0:
                other = os.open('lock', os.O_RDWR)
                try: fcntl.flock(other, fcntl.LOCK_EX | fcntl.LOCK_NB); raise SystemExit('the lock is lost')
                except BlockingIOError: pass
                os.close(other)
        mapped.flush(); assert open('mapped', 'rb').read() == wanted, 'what the mapping wrote is not there'
        END
        trap 'kill -9 $keeper 2> /dev/null || true' EXIT
        read -r -t 60 _ <> ready
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
        kill $keeper; wait $keeper
        cd ..; rm -r "r$ROUND" "followed$ROUND"
        """
}
