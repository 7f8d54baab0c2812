namespace Qwen3VL.Engine.Checkpoints;

/// <summary>
/// The expert matrices of one layer in any of their layouts (spec 2.1), presented output-major:
/// <code>
/// fused, input-major    gate_up_proj [experts, hidden, 2 * intermediate]   down_proj [experts, intermediate, hidden]    released files
/// fused, output-major   gate_up_proj [experts, 2 * intermediate, hidden]   down_proj [experts, hidden, intermediate]    re-saved by transformers 5
/// one by one            {e}.gate_proj.weight, {e}.up_proj.weight [intermediate, hidden], {e}.down_proj.weight [hidden, intermediate]
/// </code>
/// In fused tensors the gate comes before the up half. 8-bit tensors have scales in the layout of the tensor.
/// </summary>
internal sealed class ExpertMap
{
    private readonly WeightMap _map;
    private readonly string _prefix;
    private readonly int _hidden;
    private readonly int _intermediate;
    private readonly FusedExperts? _gateUp;
    private readonly FusedExperts? _down;

    /// <summary>Finds the layout of a layer and checks shapes, types and scales of fused tensors.</summary>
    /// <exception cref="CheckpointException">The tensors are missing or wrong.</exception>
    internal ExpertMap(WeightMap map, string prefix, (int Count, int Hidden, int Intermediate) shape)
    {
        _map = map;
        _prefix = prefix;
        _hidden = shape.Hidden;
        _intermediate = shape.Intermediate;
        string gateUp = prefix + ".gate_up_proj";
        string down = prefix + ".down_proj";
        if (!map.TryFind(gateUp, out _, out _) && !map.TryFind(down, out _, out _))
        {
            return;
        }

        int doubled = checked(2 * _intermediate);
        bool? gateUpIsInputMajor = FusedExperts.IsInputMajor(map, gateUp, (shape.Count, _hidden, doubled));
        bool? downIsInputMajor = FusedExperts.IsInputMajor(map, down, (shape.Count, _intermediate, _hidden));

        // A square tensor reads either way; the other one, never square at the same time, says who wrote the file: input-major in every
        // released one.
        _gateUp = new FusedExperts(map, gateUp, (doubled, _hidden), gateUpIsInputMajor ?? downIsInputMajor ?? true);
        _down = new FusedExperts(map, down, (_hidden, _intermediate), downIsInputMajor ?? gateUpIsInputMajor ?? true);
    }

    /// <summary>The gate and up matrices of an expert, <c>[intermediate, hidden]</c> each; readable until those of the next expert are asked for.</summary>
    internal (StoredWeight Gate, StoredWeight Up) GateUp(int expert)
    {
        if (_gateUp is null)
        {
            return (_map.Matrix(NameOf(expert, "gate_proj"), _intermediate, _hidden), _map.Matrix(NameOf(expert, "up_proj"), _intermediate, _hidden));
        }

        FusedExpert both = _gateUp.Read(expert);
        return (both.Rows(0, _intermediate), both.Rows(_intermediate, _intermediate));
    }

    /// <summary>The down matrix of an expert, <c>[hidden, intermediate]</c>; readable until that of the next expert is asked for.</summary>
    internal StoredWeight Down(int expert) =>
        _down is null ? _map.Matrix(NameOf(expert, "down_proj"), _hidden, _intermediate) : _down.Read(expert).Rows(0, _hidden);

    private string NameOf(int expert, string projection) => $"{_prefix}.{expert}.{projection}.weight";
}
