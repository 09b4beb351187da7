// Axisymmetric cell of an anode-free battery: the half plane of a cylinder of solid electrolyte, 0 < r < radius
// from the axis to the wall and 0 < z < height, with discs and rings of lithium and of film on the bottom
// z = 0. Lengths in um; r is Gmsh's x, and z its y.
//
// One disc or ring, as it stands (open it in Gmsh, or from a shell):
//     gmsh -2 meshes/axisymmetric.geo -setnumber outer_radius 5
//
// Any bottom: list its stretches from the axis to the wall in a script of your own, then include this one:
//     radius = 25;
//     stretch_end() = {5, 8, 20, radius};         // outer radius of each stretch
//     stretch_tag() = {1, 2, 1, 3};               // 1 island, 2 film, 3 exposed current collector
//     Include "axisymmetric.geo";
//
// The half plane is the rectangle of planar.geo, with its physical groups and its grading. The axis is one of the
// sides, since nothing passes it either; no change of the boundary condition lies there.

DefineConstant[
  radius       = {25,  Min 0, Name "Cell/Radius [um]"}
  inner_radius = {0,   Min 0, Name "Island/Inner radius [um]"}
  outer_radius = {5,   Min 0, Name "Island/Outer radius [um]"}
];

If (!Exists(stretch_end))
  stretch_end() = {};
  stretch_tag() = {};
  If (inner_radius >= outer_radius || outer_radius > radius)
    Error("The island reaches from %g to %g um, which must rise and lie inside the cell (0 to %g um)",
          inner_radius, outer_radius, radius);
    Abort;
  EndIf
  If (inner_radius > 0)
    stretch_end() += {inner_radius};
    stretch_tag() += {3};
  EndIf
  stretch_end() += {outer_radius};
  stretch_tag() += {1};
  If (outer_radius < radius)
    stretch_end() += {radius};
    stretch_tag() += {3};
  EndIf
EndIf

width = radius;
Include "planar.geo";
