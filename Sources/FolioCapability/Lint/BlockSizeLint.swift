/// Block sizes are powers of two from 512 on, in order; and where an order depends on them they are all told.
enum BlockSizeLint: ManifestLint {
    static let id = "block-sizes"

    static func problems(_ review: ManifestReview) -> [ManifestError] {
        let manifest = review.manifest
        var found: [ManifestError] = []
        for (index, size) in manifest.blockSizes.enumerated() {
            let place = review.node(.key("block_sizes"), .index(index))?.position ?? .start
            if size < 512 || size & (size - 1) != 0 {
                let near = max(512, 1 << (Int.bitWidth - 1 - size.leadingZeroBitCount))
                found.append(
                    review.problem(
                        self, "a block size of \(size) bytes is no power of two from 512 on", "write \(near)", at: place
                    ))
            } else if index > 0, size <= manifest.blockSizes[index - 1] {
                found.append(
                    review.problem(
                        self, "\(size) comes after \(manifest.blockSizes[index - 1])", "sort them", at: place))
            }
        }
        guard manifest.blockSizes.isEmpty,
            let row = manifest.rows.firstIndex(where: { $0.orders?.needsBlockSize == true })
        else { return found }
        let message = "the orders depend on the block size, and block_sizes does not say which there can be"
        let problem = review.problem(
            self, message, "add block_sizes = [1024, 2048, 4096], with all there are, above the first row",
            at: review.row(row, "orders"))
        return found + [problem]
    }
}
