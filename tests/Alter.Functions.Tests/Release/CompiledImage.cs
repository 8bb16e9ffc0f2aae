using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;
using System.Runtime.InteropServices;

namespace Alter.Functions.Tests.Release;

/// <summary>What an assembly's file says of how it was compiled.</summary>
internal static class CompiledImage
{
    // docs/design/coreclr/botr/readytorun-format.md of dotnet/runtime: the header begins with "RTR"; IMAGE_FILE_MACHINE of a system other than Windows is XORed with a number of its own.
    private const uint ReadyToRun = 0x00525452;
    private const int OnLinux = 0x7B79;

    public static bool RunsHere => OperatingSystem.IsLinux() && RuntimeInformation.OSArchitecture == Architecture.X64;

    public static bool IsForLinuxX64(string file)
    {
        using var reader = new PEReader(File.OpenRead(file));
        var native = reader.PEHeaders.CorHeader!.ManagedNativeHeaderDirectory;
        return native.Size > 0
            && reader.GetSectionData(native.RelativeVirtualAddress).GetReader().ReadUInt32() == ReadyToRun
            && (int)reader.PEHeaders.CoffHeader.Machine == ((int)Machine.Amd64 ^ OnLinux);
    }

    /// <summary>Whether there is anything to compile: one that only says where its types went has nothing.</summary>
    public static bool HasCode(string file)
    {
        using var reader = new PEReader(File.OpenRead(file));
        return reader.GetMetadataReader().MethodDefinitions.Count > 0;
    }
}
