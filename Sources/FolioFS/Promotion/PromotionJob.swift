import FolioPolicy

/// What a promotion's process is to do: its one argument, as JSON.
package struct PromotionJob: Codable, Sendable {
    /// The file to be opened, for one whose page cache belongs to a mount; nil: it has been given the file open.
    var path: [UInt8]?
    /// The device that `path` must lead to, `major:minor`, and the inode number, of which the 48 lower bits count: the others tell devices of the
    /// source apart.
    var device = ""
    var inode: UInt64 = 0
    /// The raw value of a `Promotion`.
    var promotion: String
    /// Bytes that one PMD maps.
    var pmdSize: Int
    /// Whether somebody waits for it: then it neither steps back behind others nor keeps to the rate.
    var isAwaited: Bool
    /// Bytes a second; nil: as fast as it goes.
    var rate: Int?
    /// How much of what memory is available it may fill, in percent.
    var memoryShare: Int

    var promotes: Promotion { Promotion(rawValue: promotion) ?? .none }
}
