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
    private const uint UnrelatedCode = 0x80; // READYTORUN_FLAG_UNRELATED_R2R_CODE, src/coreclr/inc/readytorun.h

    public static bool RunsHere => OperatingSystem.IsLinux() && RuntimeInformation.OSArchitecture == Architecture.X64;

    public static bool IsForLinuxX64(string file)
    {
        using var reader = new PEReader(File.OpenRead(file));
        var native = reader.PEHeaders.CorHeader!.ManagedNativeHeaderDirectory;
        return native.Size > 0
            && reader.GetSectionData(native.RelativeVirtualAddress).GetReader().ReadUInt32() == ReadyToRun
            && (int)reader.PEHeaders.CoffHeader.Machine == ((int)Machine.Amd64 ^ OnLinux);
    }

    /// <summary>Whether it holds what other assemblies' generics became with its types.</summary>
    public static bool HoldsGenericsOfOthers(string file)
    {
        using var reader = new PEReader(File.OpenRead(file));
        var header = reader.GetSectionData(reader.PEHeaders.CorHeader!.ManagedNativeHeaderDirectory.RelativeVirtualAddress).GetReader();
        return header.ReadUInt32() == ReadyToRun && header.ReadUInt32() > 0 && (header.ReadUInt32() & UnrelatedCode) != 0; // Signature, version, flags.
    }

    /// <summary>Whether there is anything to compile: one that only says where its types went has nothing.</summary>
    public static bool HasCode(string file)
    {
        using var reader = new PEReader(File.OpenRead(file));
        return reader.GetMetadataReader().MethodDefinitions.Count > 0;
    }
}
