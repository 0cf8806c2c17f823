using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace AttentionLab.Kernel.Session;

/// <summary>
/// What the compiler writes for a record, <c>Equals</c> and <c>GetHashCode</c>, goes into the values that the record holds, and
/// without end where it holds itself. Both read the property <c>EqualityContract</c>, which a record may declare: there the
/// checkpoint stands.
/// </summary>
internal static class RecordEquality
{
    private const string Contract = "EqualityContract";
    private const int Deepest = 10; // types in types

    /// <summary>The property with a checkpoint; null for a record that holds no records, or that declares its own.</summary>
    /// <param name="record">The record.</param>
    /// <param name="model">What its names mean.</param>
    /// <param name="checkpoint">The checkpoint.</param>
    public static string? Declaration(RecordDeclarationSyntax record, SemanticModel model, string checkpoint)
    {
        if (
            model.GetDeclaredSymbol(record) is not { IsRecord: true, TypeKind: TypeKind.Class, IsStatic: false } type
            || type.DeclaringSyntaxReferences[0].GetSyntax() != record // of a partial one the first
            || type.GetMembers(Contract).Any(member => !member.IsImplicitlyDeclared)
            || !WithBases(type).Any(each => HoldsRecords(each, 0)) // a derived record's property takes the place of its base's
        )
        {
            return null;
        }

        string modifiers =
            type.BaseType is { IsRecord: true } ? "protected override"
            : type.IsSealed ? "private"
            : "protected virtual";
        string name = type.Name + (type.Arity > 0 ? $"<{string.Join(", ", type.TypeParameters.Select(each => each.Name))}>" : "");
        return $"{modifiers} global::System.Type {Contract} {{ get {{{checkpoint} return typeof({name}); }} }}";
    }

    private static IEnumerable<INamedTypeSymbol> WithBases(INamedTypeSymbol record)
    {
        for (INamedTypeSymbol? each = record; each is { IsRecord: true }; each = each.BaseType)
        {
            yield return each;
        }
    }

    private static bool HoldsRecords(INamedTypeSymbol type, int depth) =>
        type.GetMembers().OfType<IFieldSymbol>().Any(field => !field.IsStatic && MayHoldRecords(field.Type, depth));

    // Whether comparing values of a type may compare records: not of lists, which compare themselves.
    private static bool MayHoldRecords(ITypeSymbol type, int depth) =>
        type switch
        {
            { SpecialType: SpecialType.System_Object } => true,
            { TypeKind: TypeKind.Interface or TypeKind.TypeParameter or TypeKind.Dynamic } => true,
            INamedTypeSymbol { TypeKind: TypeKind.Class, DeclaringSyntaxReferences.Length: > 0 } => true,
            INamedTypeSymbol { TypeKind: TypeKind.Struct, DeclaringSyntaxReferences.Length: > 0 } own => depth == Deepest
                || HoldsRecords(own, depth + 1),
            INamedTypeSymbol { IsValueType: true } or INamedTypeSymbol { Name: nameof(Tuple) } => (
                (INamedTypeSymbol)type
            ).TypeArguments.Any(argument => MayHoldRecords(argument, depth + 1)),
            _ => false,
        };
}
