/// chattr(1).
let inodeFlagsFamily = Family(
    "InodeFlags",
    [
        .shell(
            "inode flags",
            #"""
            echo x > f; mkdir d; chattr +i f; lsattr f | cut -c1-20; echo y >> f; rm f; chattr -i f; chattr +a f; echo y >> f; echo z > f; chattr -a f; cat f; chattr +d f; lsattr -d d f | cut -c1-20
            """#
        )
    ])
