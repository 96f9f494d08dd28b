import CFolioPlugin
import FolioPluginKit

/// The largest folio of examplefs is a stripe of it, which the mount option stripe=BYTES tells: arithmetic, and so code.
struct StripePlugin: CapabilityPlugin {
    let name = "examplefs"
    let version = "1.0"

    func answer(_ question: CapabilityQuestion) -> CapabilityAnswer {
        let source = "6.16 fs/examplefs/inode.c examplefs_stripe_order()"
        guard let options = question.mountOptions else {
            return CapabilityAnswer(.unknown(missing: "filesystem.mountOptions"), source: source)
        }
        guard let stripe = options["stripe"].flatMap({ Int($0) }) else { return .abstain }
        let largest = min(question.pmdOrder, question.maximumOrder)
        var order = 0
        while order < largest, question.pageSize << (order + 1) <= stripe { order += 1 }
        return CapabilityAnswer(.range(0...order), source: source)
    }
}

/// What the host calls when it has loaded the library.
@c(folio_plugin_entry)
public func entry(_ hostABI: UInt32) -> UnsafePointer<folio_plugin>? {
    PluginTable.make(StripePlugin(), hostABI: hostABI)
}
