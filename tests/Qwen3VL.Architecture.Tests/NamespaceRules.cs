using System.Reflection;
using System.Text.RegularExpressions;

namespace Qwen3VL.Architecture.Tests;

/// <summary>Bookkeeping stays on integers: types of some namespaces must not touch types of others.</summary>
internal static class NamespaceRules
{
    private const BindingFlags All =
        BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;

    /// <summary>Types among <paramref name="types"/> in <paramref name="area"/> that mention a type in one of <paramref name="forbidden"/>.</summary>
    public static IReadOnlyList<string> ForbiddenUses(IEnumerable<Type> types, string area, IReadOnlyList<string> forbidden) =>
        [.. from type in types
            where IsIn(type, area)
            from used in Mentioned(type).SelectMany(Parts).Distinct()
            where forbidden.Any(name => IsIn(used, name))
            select $"{type.FullName} must not use {string.Join(", ", forbidden)}; got {used.FullName}"];

    /// <summary>Source files in <paramref name="folder"/> whose code names one of <paramref name="forbidden"/>, in a using or in full.</summary>
    public static IReadOnlyList<string> ForbiddenNames(IEnumerable<RepositoryFile> files, string folder, IReadOnlyList<string> forbidden) =>
        [.. from file in files
            where file.Path.StartsWith(folder, StringComparison.Ordinal) && file.Path.EndsWith(".cs", StringComparison.Ordinal)
            let code = CSharpText.CodeOnly(file.Text)
            from name in forbidden
            where Regex.IsMatch(code, $@"(?<![\w.]){Regex.Escape(name)}(?!\w)") || Regex.IsMatch(code, $@"(?<![\w.]){name.Split('.')[^1]}\.")
            select $"{file.Path} must not name {name}; got it in its code"];

    private static bool IsIn(Type type, string name) =>
        type.Namespace == name || (type.Namespace?.StartsWith(name + ".", StringComparison.Ordinal) ?? false);

    private static IEnumerable<Type> Mentioned(Type type)
    {
        IEnumerable<Type?> types =
        [
            type.BaseType,
            .. type.GetInterfaces(),
            .. type.GetFields(All).Select(field => field.FieldType),
            .. type.GetProperties(All).Select(property => property.PropertyType),
            .. type.GetMethods(All).Select(method => method.ReturnType),
            .. type.GetMethods(All).Concat<MethodBase>(type.GetConstructors(All)).SelectMany(OfMethod),
        ];
        return types.OfType<Type>();
    }

    private static IEnumerable<Type> OfMethod(MethodBase method) =>
    [
        .. method.GetParameters().Select(parameter => parameter.ParameterType),
        .. method.GetMethodBody()?.LocalVariables.Select(local => local.LocalType) ?? [],
    ];

    /// <summary>A type with what it is made of: element, generic arguments.</summary>
    private static IEnumerable<Type> Parts(Type type)
    {
        Type bare = type.HasElementType ? type.GetElementType() ?? type : type;
        IEnumerable<Type> inner = bare.IsGenericType ? bare.GetGenericArguments().SelectMany(Parts) : [];
        return bare == type ? inner.Prepend(bare) : inner.Concat(Parts(bare));
    }
}
