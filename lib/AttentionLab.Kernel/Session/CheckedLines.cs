using System.Buffers.Binary;
using System.Reflection;
using System.Reflection.Emit;
using System.Reflection.Metadata;
using System.Reflection.Metadata.Ecma335;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Emit;
using Microsoft.CodeAnalysis.Scripting;

namespace AttentionLab.Kernel.Session;

/// <summary>
/// The lines where an index or an overflow is checked. .NET's compiler lets all checks of a method throw from one place, so that
/// the line in the exception's trace is wrong or missing.
/// </summary>
internal static class CheckedLines
{
    /// <summary>.NET inlines methods of at most so many bytes of IL; the trace then shows only their caller.</summary>
    private const int MostInlined = 100;

    private static readonly Dictionary<short, OpCode> Codes = typeof(OpCodes)
        .GetFields(BindingFlags.Public | BindingFlags.Static)
        .Select(field => (OpCode)field.GetValue(null)!)
        .ToDictionary(code => code.Value);

    /// <summary>Whether a method is .NET's own that throws for a check.</summary>
    public static bool IsThrower(MethodBase? method) =>
        method?.DeclaringType?.FullName == "Internal.Runtime.CompilerHelpers.ThrowHelpers";

    /// <summary>The name of a method's cell, and its lines that may have thrown; no lines where they are unknown.</summary>
    /// <param name="method">A method of a cell.</param>
    /// <param name="thrower">What it called to throw.</param>
    /// <param name="newest">The last cell's script, which knows those before it.</param>
    public static (string Cell, IReadOnlyList<int> Lines) Of(MethodBase method, MethodBase thrower, Script newest)
    {
        Script? script = newest;
        while (script is not null && script.GetCompilation().AssemblyName != method.Module.Assembly.GetName().Name)
        {
            script = script.Previous;
        }

        if (script is null)
        {
            return ("", []);
        }

        Func<OpCode, MethodBase?, bool>? isCheck = thrower.Name switch
        {
            "ThrowIndexOutOfRangeException" => ReadsElement,
            "ThrowOverflowException" => (code, _) => code.Name!.Contains(".ovf", StringComparison.Ordinal),
            _ => null,
        };
        HashSet<MethodBase> seen = [method];
        if (isCheck is not null)
        {
            AddInlined(method);
        }

        bool isKnown = isCheck is not null && seen.All(each => each.Module == method.Module);
        return (
            Path.GetFileName(script.Options.FilePath),
            isKnown ? [.. Lines(script.GetCompilation(), seen, isCheck!).Distinct().Order()] : []
        );

        // Methods with such checks that .NET may have inlined.
        void AddInlined(MethodBase caller)
        {
            foreach (MethodBase called in Instructions(caller).Select(each => each.Called).OfType<MethodBase>())
            {
                if (IsSmall(called) && Instructions(called).Any(each => isCheck(each.Code, each.Called)) && seen.Add(called))
                {
                    AddInlined(called);
                }
            }
        }
    }

    private static IEnumerable<int> Lines(
        Compilation cell,
        IEnumerable<MethodBase> methods,
        Func<OpCode, MethodBase?, bool> isCheck
    )
    {
        using var assembly = new MemoryStream();
        using var symbols = new MemoryStream();
        cell.Emit(assembly, symbols, options: new EmitOptions(debugInformationFormat: DebugInformationFormat.PortablePdb));
        symbols.Position = 0;
        using var provider = MetadataReaderProvider.FromPortablePdbStream(symbols);
        foreach (MethodBase method in methods)
        {
            var handle = (MethodDefinitionHandle)MetadataTokens.EntityHandle(method.MetadataToken);
            SequencePoint[] points = [.. provider.GetMetadataReader().GetMethodDebugInformation(handle).GetSequencePoints()];
            foreach ((int offset, OpCode code, MethodBase? called) in Instructions(method))
            {
                SequencePoint point = points.LastOrDefault(point => point.Offset <= offset);
                if (isCheck(code, called) && point.StartLine > 0 && !point.IsHidden)
                {
                    yield return point.StartLine;
                }
            }
        }
    }

    private static bool ReadsElement(OpCode code, MethodBase? called) =>
        code.Name!.StartsWith("ldelem", StringComparison.Ordinal)
        || code.Name.StartsWith("stelem", StringComparison.Ordinal)
        || called?.DeclaringType is { } type
            && (
                type.IsArray
                || called.Name is "get_Chars" or "get_Item"
                    && (
                        type == typeof(string)
                        || type.IsGenericType
                            && (
                                type.GetGenericTypeDefinition() == typeof(Span<>)
                                || type.GetGenericTypeDefinition() == typeof(ReadOnlySpan<>)
                            )
                    )
            );

    private static bool IsSmall(MethodBase method) =>
        method.Module.Assembly.IsDynamic is false
        && method.Module.Assembly.Location.Length == 0 // a cell's
        && method.GetMethodBody()?.GetILAsByteArray() is { Length: <= MostInlined };

    private static IEnumerable<(int Offset, OpCode Code, MethodBase? Called)> Instructions(MethodBase method)
    {
        byte[] il = method.GetMethodBody()?.GetILAsByteArray() ?? [];
        for (int next = 0; next < il.Length; )
        {
            int offset = next;
            short value = il[next++];
            OpCode code = Codes[value == 0xFE ? (short)(0xFE00 | il[next++]) : value];
            MethodBase? called =
                code.OperandType == OperandType.InlineMethod
                    ? method.Module.ResolveMethod(
                        BinaryPrimitives.ReadInt32LittleEndian(il.AsSpan(next)),
                        method.DeclaringType?.GetGenericArguments(),
                        method.IsGenericMethod ? method.GetGenericArguments() : null
                    )
                    : null;
            next += code.OperandType switch
            {
                OperandType.InlineNone => 0,
                OperandType.ShortInlineBrTarget or OperandType.ShortInlineI or OperandType.ShortInlineVar => 1,
                OperandType.InlineVar => 2,
                OperandType.InlineI8 or OperandType.InlineR => 8,
                OperandType.InlineSwitch => 4 + (4 * BinaryPrimitives.ReadInt32LittleEndian(il.AsSpan(next))),
                _ => 4,
            };
            yield return (offset, code, called);
        }
    }
}
