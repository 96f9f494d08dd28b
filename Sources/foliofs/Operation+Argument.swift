public import ArgumentParser
public import FolioPolicy

extension Operation: ExpressibleByArgument {}
